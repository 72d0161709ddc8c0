import { describe, expect, test } from '@jest/globals';
import { isReplacedInPlace, needsStandby } from '../../../../src/channel/plan/failover.ts';
import { nextRoles } from '../../../../src/channel/plan/stream-roles.ts';
import { stepTowardsStream } from '../../../../src/channel/plan/stream-step.ts';
import { tokenFor } from '../../../../src/channel/pod/agora-token.ts';
import { agoraSubject } from '../../../../src/channel/pod/relay-config.ts';
import { found, type CredentialsFacts, type StreamState } from '../../../../src/channel/state.ts';
import {
  aChannel,
  anIncomingStream,
  anObserved,
  aPassedToken,
  aPod,
  aRecord,
  aSecret,
  aStream,
  credentials,
  now,
  policy,
  toOther,
} from '../../../support/channel/channel-examples.ts';

/**
 * A token for one uid: a second relay with it would throw the first one out of the Agora channel, so that the channel
 * never has two.
 */
const oneUid: CredentialsFacts = { ...credentials, token: aPassedToken({ uid: 7 }) };
const everyUid: CredentialsFacts = { ...credentials, token: aPassedToken() };
const secret = aSecret({ tokenFor: tokenFor(oneUid, agoraSubject(aChannel(), 0, oneUid)) });

describe('with a token for one uid', () => {
  test('an outdated relay on air is replaced in its own slot', () => {
    const outdated = aStream({ pod: aPod({ specDigest: 'older' }) });
    const observed = anObserved({ streams: [outdated], credentials: found(oneUid) });
    expect(needsStandby(outdated, observed, true)).toBe(false);
    expect(isReplacedInPlace(outdated, observed, now)).toBe(true);
    const withEvery = anObserved({ streams: [outdated], credentials: found(everyUid) });
    expect(isReplacedInPlace(outdated, withEvery, now)).toBe(false);
  });

  test('viewers are sent to the incoming stream as soon as it exists, and the old relay is not kept for them', () => {
    const scene = (uses: CredentialsFacts, incoming: Partial<StreamState>) =>
      nextRoles(
        anObserved({
          streams: [aStream(), anIncomingStream(incoming)],
          desired: found(toOther()),
          credentials: found(uses),
        }),
        true,
        policy,
        now,
      );
    expect(scene(oneUid, { secret: undefined })).toBeUndefined();
    expect(scene(everyUid, {})).toBeUndefined();
    const records = scene(oneUid, {})?.records ?? [];
    expect(records.map(({ role, platform }) => `${role} ${platform}`)).toEqual([
      'draining origin',
      'active other',
    ]);
    expect(records[0]?.until).toBe(now.toISOString());
  });

  test('no relay is created until the previous one is gone', () => {
    const active = aStream({ pod: undefined, report: undefined, secret });
    const old = aStream({
      record: aRecord({ role: 'draining', slot: 1, name: 'old' }),
      pod: aPod({ deleting: true }),
    });
    const stepWith = (streams: readonly StreamState[]) =>
      stepTowardsStream(active, anObserved({ streams, credentials: found(oneUid) }), true, now);
    expect(stepWith([old, active])).toBeUndefined();
    expect(stepWith([{ ...old, pod: undefined }, active])).toMatchObject({ do: 'create-pod', slot: 0 });
  });
});
