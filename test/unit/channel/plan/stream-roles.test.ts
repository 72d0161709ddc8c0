import { describe, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { found, missing, type StreamState, type Observed } from '../../../../src/channel/state.ts';
import type { StreamRecord } from '../../../../src/api/annotations/stream-records.ts';
import { nextRoles, type RoleChange } from '../../../../src/channel/plan/stream-roles.ts';
import {
  aStream,
  anIncomingStream,
  aPod,
  aRecord,
  anObserved,
  aDesiredStream,
  at,
  bare,
  described,
  later,
  now,
  policy,
  toOther,
  waitingForHost,
  withoutId,
  withoutSlot,
} from '../../../support/channel/channel-examples.ts';

type ObservedDifference = NonNullable<Parameters<typeof anObserved>[0]>;

const change = (scene: ObservedDifference, relay = true): RoleChange | undefined =>
  nextRoles(anObserved(scene), relay, policy, now);
/** The records as "role platform slot". */
const roles = (records: readonly StreamRecord[] = []): string[] =>
  records.map(({ role, platform, slot }) => [role, platform, slot].join(' ').trim());
const rolesAfter = (scene: ObservedDifference, relay = true): string[] | undefined => {
  const changed = change(scene, relay);
  return changed && roles(changed.records);
};

const moving: Pick<Observed, 'desired'> = { desired: found(toOther()) };
const full = { reason: 'QuotaExceeded', message: 'StreamingPlatform other is full.' } as const;
const drainingStream = (difference: Partial<StreamState> = {}): StreamState =>
  aStream({ record: aRecord({ role: 'draining', since: at(-10), until: at(20) }), ...difference });
const offAir = { report: waitingForHost, pod: aPod({ ready: false }) };

describe('a channel without a stream', () => {
  test('gets one where it should be, with a wish of its own', () => {
    expect(change({ streams: [] })?.records).toEqual([
      {
        role: 'active',
        platform: 'origin',
        name: 'lc-origin',
        slot: 0,
        epoch: Math.floor(now.getTime() / 1_000),
        since: at(0),
        attempt: expect.stringMatching(/^[a-z0-9-]{1,64}$/) as unknown,
      },
    ]);
  });

  test.each<[string, ObservedDifference]>([
    ['while no platform is known', { desired: missing('PlatformNotFound', 'none') }],
    [
      'while the Agora credentials are missing: nothing is made before it can be used',
      {
        credentials: missing('CredentialsNotFound', 'none'),
      },
    ],
    ['while the platform is full', { desired: found(aDesiredStream({ refused: full })) }],
  ])('gets none %s', (_, scene) => {
    expect(change({ streams: [], ...scene })).toBeUndefined();
  });

  test('waits until an old one of that name is gone, or the new one would go with it', () => {
    expect(change({ streams: [drainingStream()] })).toBeUndefined();
    expect(
      change({ streams: [drainingStream({ record: withoutSlot(drainingStream().record), ...bare })] }),
    ).toBeUndefined();
  });

  test('takes the slot that nothing else is in', () => {
    const loose = { slot: 0, secret: true, pod: undefined, deferred: false } as const;
    expect(rolesAfter({ streams: [], unowned: [loose] })).toEqual(['active origin 1']);
    expect(rolesAfter({ streams: [drainingStream()], ...moving })).toEqual([
      'draining origin 0',
      'active other 1',
    ]);
    expect(
      change({ streams: [drainingStream()], ...moving, unowned: [{ ...loose, slot: 1 }] }),
    ).toBeUndefined();
  });

  test('has no key rotated that is new anyway', () => {
    expect(change({ streams: [], channel: { rotateKey: 'leaked' } })?.records).toMatchObject([
      { rotated: 'leaked' },
    ]);
  });

  test('gets it on the fallback platform, and knows what that stands in for and until when', () => {
    const records = change({ streams: [], desired: found(toOther({ insteadOf: 'origin' })) })?.records;
    expect(records).toMatchObject([{ platform: 'other', insteadOf: 'origin', returnAt: at(300) }]);
  });

  test('serves from the next one, should somebody have taken the active one out of the records', () => {
    expect(rolesAfter({ streams: [anIncomingStream()], ...moving })).toEqual(['active other 1']);
  });
});

describe('a channel where it should be', () => {
  test.each<[string, ObservedDifference]>([
    ['on air', {}],
    ['off air', { streams: [aStream(offAir)] }],
    ['while the platform is full', { desired: found(aDesiredStream({ refused: full })) }],
    [
      'while an old stream is drained',
      { streams: [anIncomingStream({ record: aRecord() }), drainingStream()] },
    ],
    ['while it is not known where it should be', { desired: missing('PlatformNotFound', 'none') }],
  ])('stays as it is %s', (_, scene) => {
    expect(change(scene)).toBeUndefined();
    expect(change(scene, false)).toBeUndefined();
  });

  test('stands in for nothing any more, once it is at home there', () => {
    const streams = [aStream({ record: aRecord({ insteadOf: 'other', returnAt: at(60) }) })];
    expect(change({ streams })?.records).toEqual([aRecord()]);
  });
});

describe('a channel on air that should be elsewhere', () => {
  test('gets a next stream beside the one that serves, which stays as it is', () => {
    const changed = change(moving);
    expect(changed?.records[0]).toEqual(aRecord());
    expect(changed?.records[1]).toMatchObject({
      role: 'incoming',
      platform: 'other',
      name: 'lc-other',
      slot: 1,
    });
    expect(changed?.event).toMatchObject({ type: 'Normal', reason: 'Migrating' });
  });

  test('moves also on one platform, for other playback options', () => {
    expect(rolesAfter({ desired: found(aDesiredStream({ name: 'lc-low-latency' })) })).toEqual([
      'active origin 0',
      'incoming origin 1',
    ]);
  });

  test('does not begin before there is a place, or a free slot', () => {
    expect(change({ desired: found(toOther({ refused: full })) })).toBeUndefined();
    const third = found(toOther({ name: 'lc-third' }));
    const streams = [anIncomingStream({ record: aRecord({ slot: 1 }) }), drainingStream()];
    expect(change({ streams, desired: third })).toBeUndefined();
  });

  test('does not begin while the Agora credentials are missing: no relay could push to it', () => {
    expect(change({ ...moving, credentials: missing('CredentialsNotFound', 'none') })).toBeUndefined();
  });

  test('keeps the active one until the next one plays', () => {
    expect(change({ streams: [aStream(), anIncomingStream()], ...moving })).toBeUndefined();
  });

  test('sends viewers to the next one once it plays; the one before is drained', () => {
    const changed = change({ streams: [aStream(), anIncomingStream({ playable: true })], ...moving });
    expect(changed?.records).toEqual([
      aRecord({ role: 'draining', since: at(0), until: at(30) }),
      { ...anIncomingStream().record, role: 'active', since: at(0) },
    ]);
    expect(changed?.event).toMatchObject({ type: 'Normal', reason: 'Migrated' });
  });

  test('keeps it likewise where only the kubelet can tell that it is on air', () => {
    const silent = aStream({ report: undefined });
    expect(change({ streams: [silent, anIncomingStream()], ...moving })).toBeUndefined();
    expect(
      change({ streams: [silent, anIncomingStream({ playable: true })], ...moving })?.records,
    ).toMatchObject([{ role: 'draining', until: at(30) }, { role: 'active' }]);
  });

  test('calls the move off when it should not go there any more', () => {
    const changed = change({ streams: [aStream(), anIncomingStream()] });
    expect(changed?.records).toEqual([
      aRecord(),
      { ...anIncomingStream().record, role: 'draining', since: at(0), until: at(0) },
    ]);
    expect(changed?.event).toMatchObject({ type: 'Warning', reason: 'MigrationFailed' });
    const third = found(toOther({ platform: { ...toOther().platform, name: 'third' }, name: 'lc-third' }));
    expect(rolesAfter({ streams: [aStream(), anIncomingStream()], desired: third })).toEqual([
      'active origin 0',
      'draining other 1',
    ]);
  });
});

describe('a channel off air that should be elsewhere', () => {
  test('moves as soon as the next one can be pushed to: there is nothing to lose', () => {
    const since = (seconds: number): LiveChannel =>
      described(anObserved({ streams: [aStream(offAir)] }), later(-seconds)).channel;
    expect(
      change({ channel: since(60), streams: [aStream(offAir), anIncomingStream(bare)], ...moving }),
    ).toBeUndefined();
    const streams = [aStream(offAir), anIncomingStream({ pod: undefined, report: undefined })];
    // A relay that is being replaced is back in a moment.
    expect(change({ channel: since(14), streams, ...moving })).toBeUndefined();
    const changed = change({ channel: since(15), streams, ...moving });
    expect(changed?.records).toMatchObject([{ role: 'draining', until: at(0) }, { role: 'active' }]);
  });

  test('lets go of a stream of which nothing was made at once', () => {
    const begun = aStream({ record: withoutId(aRecord()), ...bare });
    expect(rolesAfter({ streams: [begun], ...moving })).toEqual(['draining origin 0']);
    expect(rolesAfter({ streams: [begun, anIncomingStream()], ...moving })).toEqual([
      'draining origin 0',
      'active other 1',
    ]);
  });

  test('without a relay needs no second stream: the old one goes, then the new one is made', () => {
    expect(rolesAfter({ ...moving }, false)).toEqual(['draining origin 0']);
    expect(rolesAfter({ streams: [aStream(), anIncomingStream()], ...moving }, false)).toEqual([
      'draining origin 0',
      'active other 1',
    ]);
  });

  test('without a relay keeps its stream while there is no place for another one', () => {
    expect(change({ desired: found(toOther({ refused: full })) }, false)).toBeUndefined();
  });
});

describe('the fallback platform', () => {
  const away = { desired: found(toOther({ insteadOf: 'origin' })) };
  const standIn = aRecord({ platform: 'other', name: 'lc-other', insteadOf: 'origin', returnAt: at(-1) });
  const onFallback = anIncomingStream({ record: { ...standIn, slot: 1 } });
  const home = aStream({ record: aRecord({ role: 'incoming', slot: 0, since: at(-10) }) });

  test('is moved to with a warning', () => {
    const changed = change(away);
    expect(roles(changed?.records)).toEqual(['active origin 0', 'incoming other 1']);
    expect(changed?.records[1]).not.toHaveProperty('insteadOf');
    expect(changed?.event).toMatchObject({ type: 'Warning', reason: 'Migrating' });
    expect(changed?.event?.message).toMatch(/origin is unavailable.*fallback platform other/);
  });

  test('takes over only once it plays, though nothing is on air: until then it is no better', () => {
    expect(change({ streams: [aStream(offAir), anIncomingStream()], ...away })).toBeUndefined();
    const changed = change({ streams: [aStream(offAir), anIncomingStream({ playable: true })], ...away });
    expect(changed?.records).toMatchObject([
      { role: 'draining', until: at(0) },
      { role: 'active', insteadOf: 'origin', returnAt: at(300) },
    ]);
    expect(changed?.event).toMatchObject({ type: 'Warning', reason: 'FallbackPlatform' });
  });

  test('is left once the stream at home plays, and not before, whatever the fallback does', () => {
    expect(rolesAfter({ streams: [onFallback] })).toEqual(['active other 1', 'incoming origin 0']);
    for (const active of [onFallback, anIncomingStream({ record: onFallback.record, ...offAir })]) {
      expect(change({ streams: [active, home] })).toBeUndefined();
      const changed = change({ streams: [active, { ...home, playable: true }] });
      expect(roles(changed?.records)).toEqual(['draining other 1', 'active origin 0']);
      for (const record of changed?.records ?? []) {
        expect(record).not.toHaveProperty('insteadOf');
        expect(record).not.toHaveProperty('returnAt');
      }
      expect(changed?.event).toMatchObject({ type: 'Normal', reason: 'Migrated' });
    }
  });

  test('stays when the way home did not come to anything in time, and the next try has its time', () => {
    const changed = change({ streams: [onFallback, home], ...away });
    expect(changed?.records).toMatchObject([
      { role: 'active', platform: 'other', insteadOf: 'origin', returnAt: at(300) },
      { role: 'draining', platform: 'origin', until: at(0) },
    ]);
    expect(changed?.event).toMatchObject({ reason: 'MigrationFailed' });
  });
});

describe('where the budget sends a channel', () => {
  const sent = { desired: found(toOther({ sentFrom: 'origin' })) };
  test('is remembered with the stream there, so that it finds home again', () => {
    const next = anIncomingStream({ playable: true });
    expect(change({ ...sent, streams: [aStream(), next] })?.records).toMatchObject([
      { role: 'draining', platform: 'origin' },
      { role: 'active', platform: 'other', sentFrom: 'origin' },
    ]);
    expect(change({ ...sent, streams: [] })?.records).toMatchObject([
      { platform: 'other', sentFrom: 'origin' },
    ]);
  });

  test('is settled there, and forgotten by who asks for it', () => {
    const there = aRecord({ platform: 'other', name: 'lc-other', sentFrom: 'origin' });
    expect(change({ ...sent, streams: [aStream({ record: there })] })).toBeUndefined();
    const home = change({ desired: found(toOther()), streams: [aStream({ record: there })] });
    expect(home?.records[0]).toMatchObject({ platform: 'other' });
    expect(home?.records[0]).not.toHaveProperty('sentFrom');
    expect(home).not.toHaveProperty('news');
  });

  test('is left as any other platform is', () => {
    const there = aStream({ record: aRecord({ platform: 'other', name: 'lc-other', sentFrom: 'origin' }) });
    const back = change({ streams: [there] });
    expect(back?.records).toMatchObject([{ role: 'active' }, { role: 'incoming', platform: 'origin' }]);
  });
});
