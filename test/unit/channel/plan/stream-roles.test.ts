import { describe, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { found, missing, type StreamState, type Observed } from '../../../../src/channel/state.ts';
import type { StreamRecord } from '../../../../src/api/annotations/stream-records.ts';
import { nextRoles, type RoleChange } from '../../../../src/channel/plan/stream-roles.ts';
import {
  aLane,
  aNextLane,
  aPod,
  aRecord,
  aScene,
  aTarget,
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
} from '../examples.ts';

type SceneDifference = NonNullable<Parameters<typeof aScene>[0]>;

const change = (scene: SceneDifference, relay = true): RoleChange | undefined =>
  nextRoles(aScene(scene), relay, policy, now);
/** The records as "role platform slot". */
const roles = (records: readonly StreamRecord[] = []): string[] =>
  records.map(({ role, platform, slot }) => [role, platform, slot].join(' ').trim());
const rolesAfter = (scene: SceneDifference, relay = true): string[] | undefined => {
  const changed = change(scene, relay);
  return changed && roles(changed.records);
};

const moving: Pick<Observed, 'target'> = { desired: found(toOther()) };
const full = { reason: 'QuotaExceeded', message: 'StreamingPlatform other is full.' } as const;
const oldLane = (difference: Partial<StreamState> = {}): StreamState =>
  aLane({ record: aRecord({ role: 'old', since: at(-10), until: at(20) }), ...difference });
const offAir = { report: waitingForHost, pod: aPod({ ready: false }) };

describe('a channel without a stream', () => {
  test('gets one where it should be, with a wish of its own', () => {
    expect(change({ streams: [] })?.records).toEqual([
      {
        role: 'serving',
        platform: 'origin',
        name: 'lc-origin',
        slot: 0,
        epoch: Math.floor(now.getTime() / 1_000),
        since: at(0),
        attempt: expect.stringMatching(/^[a-z0-9-]{1,64}$/) as unknown,
      },
    ]);
  });

  test.each<[string, SceneDifference]>([
    ['while no platform is known', { desired: missing('PlatformNotFound', 'none') }],
    [
      'while the Agora credentials are missing: nothing is made before it can be used',
      {
        credentials: missing('CredentialsNotFound', 'none'),
      },
    ],
    ['while the platform is full', { desired: found(aTarget({ refused: full })) }],
  ])('gets none %s', (_, scene) => {
    expect(change({ streams: [], ...scene })).toBeUndefined();
  });

  test('waits until an old one of that name is gone, or the new one would go with it', () => {
    expect(change({ streams: [oldLane()] })).toBeUndefined();
    expect(
      change({ streams: [oldLane({ record: withoutSlot(oldLane().record), ...bare })] }),
    ).toBeUndefined();
  });

  test('takes the slot that nothing else is in', () => {
    const loose = { slot: 0, secret: true, pod: undefined, held: false } as const;
    expect(rolesAfter({ streams: [], unowned: [loose] })).toEqual(['serving origin 1']);
    expect(rolesAfter({ streams: [oldLane()], ...moving })).toEqual(['old origin 0', 'serving other 1']);
    expect(change({ streams: [oldLane()], ...moving, unowned: [{ ...loose, slot: 1 }] })).toBeUndefined();
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

  test('serves from the next one, should somebody have taken the serving one out of the records', () => {
    expect(rolesAfter({ streams: [aNextLane()], ...moving })).toEqual(['serving other 1']);
  });
});

describe('a channel where it should be', () => {
  test.each<[string, SceneDifference]>([
    ['on air', {}],
    ['off air', { streams: [aLane(offAir)] }],
    ['while the platform is full', { desired: found(aTarget({ refused: full })) }],
    ['while an old stream is drained', { streams: [aNextLane({ record: aRecord() }), oldLane()] }],
    ['while it is not known where it should be', { desired: missing('PlatformNotFound', 'none') }],
  ])('stays as it is %s', (_, scene) => {
    expect(change(scene)).toBeUndefined();
    expect(change(scene, false)).toBeUndefined();
  });

  test('stands in for nothing any more, once it is at home there', () => {
    const lanes = [aLane({ record: aRecord({ insteadOf: 'other', returnAt: at(60) }) })];
    expect(change({ streams: lanes })?.records).toEqual([aRecord()]);
  });
});

describe('a channel on air that should be elsewhere', () => {
  test('gets a next stream beside the one that serves, which stays as it is', () => {
    const changed = change(moving);
    expect(changed?.records[0]).toEqual(aRecord());
    expect(changed?.records[1]).toMatchObject({ role: 'next', platform: 'other', name: 'lc-other', slot: 1 });
    expect(changed?.event).toMatchObject({ type: 'Normal', reason: 'Moving' });
  });

  test('moves also on one platform, for other playback options', () => {
    expect(rolesAfter({ desired: found(aTarget({ name: 'lc-low-latency' })) })).toEqual([
      'serving origin 0',
      'next origin 1',
    ]);
  });

  test('does not begin before there is a place, or a free slot', () => {
    expect(change({ desired: found(toOther({ refused: full })) })).toBeUndefined();
    const third = found(toOther({ name: 'lc-third' }));
    const lanes = [aNextLane({ record: aRecord({ slot: 1 }) }), oldLane()];
    expect(change({ streams: lanes, desired: third })).toBeUndefined();
  });

  test('does not begin while the Agora credentials are missing: no relay could push to it', () => {
    expect(change({ ...moving, credentials: missing('CredentialsNotFound', 'none') })).toBeUndefined();
  });

  test('keeps the serving one until the next one plays', () => {
    expect(change({ streams: [aLane(), aNextLane()], ...moving })).toBeUndefined();
  });

  test('sends viewers to the next one once it plays; the one before is drained', () => {
    const changed = change({ streams: [aLane(), aNextLane({ playable: true })], ...moving });
    expect(changed?.records).toEqual([
      aRecord({ role: 'old', since: at(0), until: at(30) }),
      { ...aNextLane().record, role: 'serving', since: at(0) },
    ]);
    expect(changed?.event).toMatchObject({ type: 'Normal', reason: 'Moved' });
  });

  test('keeps it likewise where only the kubelet can tell that it is on air', () => {
    const silent = aLane({ report: undefined });
    expect(change({ streams: [silent, aNextLane()], ...moving })).toBeUndefined();
    expect(change({ streams: [silent, aNextLane({ playable: true })], ...moving })?.records).toMatchObject([
      { role: 'old', until: at(30) },
      { role: 'serving' },
    ]);
  });

  test('calls the move off when it should not go there any more', () => {
    const changed = change({ streams: [aLane(), aNextLane()] });
    expect(changed?.records).toEqual([
      aRecord(),
      { ...aNextLane().record, role: 'old', since: at(0), until: at(0) },
    ]);
    expect(changed?.event).toMatchObject({ type: 'Warning', reason: 'MoveFailed' });
    const third = found(toOther({ platform: { ...toOther().platform, name: 'third' }, name: 'lc-third' }));
    expect(rolesAfter({ streams: [aLane(), aNextLane()], desired: third })).toEqual([
      'serving origin 0',
      'old other 1',
    ]);
  });
});

describe('a channel off air that should be elsewhere', () => {
  test('moves as soon as the next one can be pushed to: there is nothing to lose', () => {
    const since = (seconds: number): LiveChannel =>
      described(aScene({ streams: [aLane(offAir)] }), later(-seconds)).channel;
    expect(
      change({ channel: since(60), streams: [aLane(offAir), aNextLane(bare)], ...moving }),
    ).toBeUndefined();
    const lanes = [aLane(offAir), aNextLane({ pod: undefined, report: undefined })];
    // A relay that is being replaced is back in a moment.
    expect(change({ channel: since(14), streams: lanes, ...moving })).toBeUndefined();
    const changed = change({ channel: since(15), streams: lanes, ...moving });
    expect(changed?.records).toMatchObject([{ role: 'old', until: at(0) }, { role: 'serving' }]);
  });

  test('lets go of a stream of which nothing was made at once', () => {
    const begun = aLane({ record: withoutId(aRecord()), ...bare });
    expect(rolesAfter({ streams: [begun], ...moving })).toEqual(['old origin 0']);
    expect(rolesAfter({ streams: [begun, aNextLane()], ...moving })).toEqual([
      'old origin 0',
      'serving other 1',
    ]);
  });

  test('without a relay needs no second stream: the old one goes, then the new one is made', () => {
    expect(rolesAfter({ ...moving }, false)).toEqual(['old origin 0']);
    expect(rolesAfter({ streams: [aLane(), aNextLane()], ...moving }, false)).toEqual([
      'old origin 0',
      'serving other 1',
    ]);
  });

  test('without a relay keeps its stream while there is no place for another one', () => {
    expect(change({ desired: found(toOther({ refused: full })) }, false)).toBeUndefined();
  });
});

describe('the fallback platform', () => {
  const away = { target: found(toOther({ insteadOf: 'origin' })) };
  const standIn = aRecord({ platform: 'other', name: 'lc-other', insteadOf: 'origin', returnAt: at(-1) });
  const onFallback = aNextLane({ record: { ...standIn, slot: 1 } });
  const home = aLane({ record: aRecord({ role: 'next', slot: 0, since: at(-10) }) });

  test('is moved to with a warning', () => {
    const changed = change(away);
    expect(roles(changed?.records)).toEqual(['serving origin 0', 'next other 1']);
    expect(changed?.records[1]).not.toHaveProperty('insteadOf');
    expect(changed?.event).toMatchObject({ type: 'Warning', reason: 'Moving' });
    expect(changed?.event?.message).toMatch(/origin is out.*fallback platform other/);
  });

  test('takes over only once it plays, though nothing is on air: until then it is no better', () => {
    expect(change({ streams: [aLane(offAir), aNextLane()], ...away })).toBeUndefined();
    const changed = change({ streams: [aLane(offAir), aNextLane({ playable: true })], ...away });
    expect(changed?.records).toMatchObject([
      { role: 'old', until: at(0) },
      { role: 'serving', insteadOf: 'origin', returnAt: at(300) },
    ]);
    expect(changed?.event).toMatchObject({ type: 'Warning', reason: 'FallbackPlatform' });
  });

  test('is left once the stream at home plays, and not before, whatever the fallback does', () => {
    expect(rolesAfter({ streams: [onFallback] })).toEqual(['serving other 1', 'next origin 0']);
    for (const serving of [onFallback, aNextLane({ record: onFallback.record, ...offAir })]) {
      expect(change({ streams: [serving, home] })).toBeUndefined();
      const changed = change({ streams: [serving, { ...home, playable: true }] });
      expect(roles(changed?.records)).toEqual(['old other 1', 'serving origin 0']);
      for (const record of changed?.records ?? []) {
        expect(record).not.toHaveProperty('insteadOf');
        expect(record).not.toHaveProperty('returnAt');
      }
      expect(changed?.event).toMatchObject({ type: 'Normal', reason: 'Moved' });
    }
  });

  test('stays when the way home did not come to anything in time, and the next try has its time', () => {
    const changed = change({ streams: [onFallback, home], ...away });
    expect(changed?.records).toMatchObject([
      { role: 'serving', platform: 'other', insteadOf: 'origin', returnAt: at(300) },
      { role: 'old', platform: 'origin', until: at(0) },
    ]);
    expect(changed?.event).toMatchObject({ reason: 'MoveFailed' });
  });
});

describe('where the budget sends a channel', () => {
  const sent = { target: found(toOther({ sentFrom: 'origin' })) };
  test('is remembered with the stream there, so that it finds home again', () => {
    const next = aNextLane({ playable: true });
    expect(change({ ...sent, streams: [aLane(), next] })?.records).toMatchObject([
      { role: 'old', platform: 'origin' },
      { role: 'serving', platform: 'other', sentFrom: 'origin' },
    ]);
    expect(change({ ...sent, streams: [] })?.records).toMatchObject([
      { platform: 'other', sentFrom: 'origin' },
    ]);
  });

  test('is settled there, and forgotten by who asks for it', () => {
    const there = aRecord({ platform: 'other', name: 'lc-other', sentFrom: 'origin' });
    expect(change({ ...sent, streams: [aLane({ record: there })] })).toBeUndefined();
    const home = change({ desired: found(toOther()), streams: [aLane({ record: there })] });
    expect(home?.records[0]).toMatchObject({ platform: 'other' });
    expect(home?.records[0]).not.toHaveProperty('sentFrom');
    expect(home).not.toHaveProperty('news');
  });

  test('is left as any other platform is', () => {
    const there = aLane({ record: aRecord({ platform: 'other', name: 'lc-other', sentFrom: 'origin' }) });
    const back = change({ streams: [there] });
    expect(back?.records).toMatchObject([{ role: 'serving' }, { role: 'next', platform: 'origin' }]);
  });
});
