import { describe, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { found, missing, type StreamState, type Observed } from '../../../../src/channel/state.ts';
import type { StreamRecord } from '../../../../src/api/stream-records.ts';
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

const migrating: Pick<Observed, 'desired'> = { desired: found(toOther()) };
const full = { reason: 'QuotaExceeded', message: 'StreamingPlatform other is full.' } as const;
const drainingStream = (difference: Partial<StreamState> = {}): StreamState =>
  aStream({ record: aRecord({ role: 'draining', since: at(-10), until: at(20) }), ...difference });
const offAir = { report: waitingForHost, pod: aPod({ ready: false }) };

describe('a channel without a stream', () => {
  test('gets one on its desired platform, with a new attempt', () => {
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
      'while the Agora credentials are missing, because it could not be used',
      {
        credentials: missing('CredentialsNotFound', 'none'),
      },
    ],
    ['while the platform is full', { desired: found(aDesiredStream({ refused: full })) }],
  ])('gets no stream %s', (_, scene) => {
    expect(change({ streams: [], ...scene })).toBeUndefined();
  });

  test('waits until an old stream of that name is gone, because both would be deleted', () => {
    expect(change({ streams: [drainingStream()] })).toBeUndefined();
    expect(
      change({ streams: [drainingStream({ record: withoutSlot(drainingStream().record), ...bare })] }),
    ).toBeUndefined();
  });

  test('uses the free slot', () => {
    const unowned = { slot: 0, secret: true, pod: undefined, deferred: false } as const;
    expect(rolesAfter({ streams: [], unowned: [unowned] })).toEqual(['active origin 1']);
    expect(rolesAfter({ streams: [drainingStream()], ...migrating })).toEqual([
      'draining origin 0',
      'active other 1',
    ]);
    expect(
      change({ streams: [drainingStream()], ...migrating, unowned: [{ ...unowned, slot: 1 }] }),
    ).toBeUndefined();
  });

  test('does not rotate a key that is new anyway', () => {
    expect(change({ streams: [], channel: { rotateKey: 'leaked' } })?.records).toMatchObject([
      { rotated: 'leaked' },
    ]);
  });

  test('gets one on the fallback platform, and records the home platform and the time of return', () => {
    const records = change({ streams: [], desired: found(toOther({ insteadOf: 'origin' })) })?.records;
    expect(records).toMatchObject([{ platform: 'other', insteadOf: 'origin', returnAt: at(300) }]);
  });

  test('promotes the incoming stream if the active record was removed by hand', () => {
    expect(rolesAfter({ streams: [anIncomingStream()], ...migrating })).toEqual(['active other 1']);
  });
});

describe('a channel on its desired platform', () => {
  test.each<[string, ObservedDifference]>([
    ['on air', {}],
    ['off air', { streams: [aStream(offAir)] }],
    ['while the platform is full', { desired: found(aDesiredStream({ refused: full })) }],
    ['with a draining stream', { streams: [anIncomingStream({ record: aRecord() }), drainingStream()] }],
    ['while its desired platform is not known', { desired: missing('PlatformNotFound', 'none') }],
  ])('is unchanged %s', (_, scene) => {
    expect(change(scene)).toBeUndefined();
    expect(change(scene, false)).toBeUndefined();
  });

  test('is no longer on a fallback once that platform is its home', () => {
    const streams = [aStream({ record: aRecord({ insteadOf: 'other', returnAt: at(60) }) })];
    expect(change({ streams })?.records).toEqual([aRecord()]);
  });
});

describe('a channel on air whose desired platform is another one', () => {
  test('gets an incoming stream beside the active one, which is unchanged', () => {
    const changed = change(migrating);
    expect(changed?.records[0]).toEqual(aRecord());
    expect(changed?.records[1]).toMatchObject({
      role: 'incoming',
      platform: 'other',
      name: 'lc-other',
      slot: 1,
    });
    expect(changed?.event).toMatchObject({ type: 'Normal', reason: 'Migrating' });
  });

  test('also migrates on the same platform, for other playback options', () => {
    expect(rolesAfter({ desired: found(aDesiredStream({ name: 'lc-low-latency' })) })).toEqual([
      'active origin 0',
      'incoming origin 1',
    ]);
  });

  test('does not start to migrate before there is quota and a free slot', () => {
    expect(change({ desired: found(toOther({ refused: full })) })).toBeUndefined();
    const third = found(toOther({ name: 'lc-third' }));
    const streams = [anIncomingStream({ record: aRecord({ slot: 1 }) }), drainingStream()];
    expect(change({ streams, desired: third })).toBeUndefined();
  });

  test('does not start to migrate while the Agora credentials are missing, because no relay could push', () => {
    expect(change({ ...migrating, credentials: missing('CredentialsNotFound', 'none') })).toBeUndefined();
  });

  test('keeps the active stream until the incoming one can be played', () => {
    expect(change({ streams: [aStream(), anIncomingStream()], ...migrating })).toBeUndefined();
  });

  test('sends viewers to the incoming stream once it can be played, and drains the old one', () => {
    const changed = change({ streams: [aStream(), anIncomingStream({ playable: true })], ...migrating });
    expect(changed?.records).toEqual([
      aRecord({ role: 'draining', since: at(0), until: at(30) }),
      { ...anIncomingStream().record, role: 'active', since: at(0) },
    ]);
    expect(changed?.event).toMatchObject({ type: 'Normal', reason: 'Migrated' });
  });

  test('keeps the active stream likewise if only the kubelet reports that it is on air', () => {
    const silent = aStream({ report: undefined });
    expect(change({ streams: [silent, anIncomingStream()], ...migrating })).toBeUndefined();
    expect(
      change({ streams: [silent, anIncomingStream({ playable: true })], ...migrating })?.records,
    ).toMatchObject([{ role: 'draining', until: at(30) }, { role: 'active' }]);
  });

  test('cancels the migration when it is no longer desired', () => {
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

describe('a channel off air whose desired platform is another one', () => {
  test('migrates as soon as the incoming stream accepts a relay, because there is no video to interrupt', () => {
    const since = (seconds: number): LiveChannel =>
      described(anObserved({ streams: [aStream(offAir)] }), later(-seconds)).channel;
    expect(
      change({ channel: since(60), streams: [aStream(offAir), anIncomingStream(bare)], ...migrating }),
    ).toBeUndefined();
    const streams = [aStream(offAir), anIncomingStream({ pod: undefined, report: undefined })];
    // A relay that is being replaced will soon be back.
    expect(change({ channel: since(14), streams, ...migrating })).toBeUndefined();
    const changed = change({ channel: since(15), streams, ...migrating });
    expect(changed?.records).toMatchObject([{ role: 'draining', until: at(0) }, { role: 'active' }]);
  });

  test('drops a stream that has not been created yet at once', () => {
    const begun = aStream({ record: withoutId(aRecord()), ...bare });
    expect(rolesAfter({ streams: [begun], ...migrating })).toEqual(['draining origin 0']);
    expect(rolesAfter({ streams: [begun, anIncomingStream()], ...migrating })).toEqual([
      'draining origin 0',
      'active other 1',
    ]);
  });

  test('without a relay, first deletes the old stream, then creates the new one', () => {
    expect(rolesAfter({ ...migrating }, false)).toEqual(['draining origin 0']);
    expect(rolesAfter({ streams: [aStream(), anIncomingStream()], ...migrating }, false)).toEqual([
      'draining origin 0',
      'active other 1',
    ]);
  });

  test('without a relay, keeps its stream while there is no quota for another one', () => {
    expect(change({ desired: found(toOther({ refused: full })) }, false)).toBeUndefined();
  });
});

describe('the fallback platform', () => {
  const away = { desired: found(toOther({ insteadOf: 'origin' })) };
  const standIn = aRecord({ platform: 'other', name: 'lc-other', insteadOf: 'origin', returnAt: at(-1) });
  const onFallback = anIncomingStream({ record: { ...standIn, slot: 1 } });
  const home = aStream({ record: aRecord({ role: 'incoming', slot: 0, since: at(-10) }) });

  test('is used with a warning', () => {
    const changed = change(away);
    expect(roles(changed?.records)).toEqual(['active origin 0', 'incoming other 1']);
    expect(changed?.records[1]).not.toHaveProperty('insteadOf');
    expect(changed?.event).toMatchObject({ type: 'Warning', reason: 'Migrating' });
    expect(changed?.event?.message).toMatch(/origin is unavailable.*fallback platform other/);
  });

  test('becomes active only once its stream can be played, even if nothing is on air: until then it is no better', () => {
    expect(change({ streams: [aStream(offAir), anIncomingStream()], ...away })).toBeUndefined();
    const changed = change({ streams: [aStream(offAir), anIncomingStream({ playable: true })], ...away });
    expect(changed?.records).toMatchObject([
      { role: 'draining', until: at(0) },
      { role: 'active', insteadOf: 'origin', returnAt: at(300) },
    ]);
    expect(changed?.event).toMatchObject({ type: 'Warning', reason: 'FallbackPlatform' });
  });

  test('is left once the home stream can be played, and not before, whatever the fallback does', () => {
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

  test('stays in use when the return has not succeeded in time, until the next attempt', () => {
    const changed = change({ streams: [onFallback, home], ...away });
    expect(changed?.records).toMatchObject([
      { role: 'active', platform: 'other', insteadOf: 'origin', returnAt: at(300) },
      { role: 'draining', platform: 'origin', until: at(0) },
    ]);
    expect(changed?.event).toMatchObject({ reason: 'MigrationFailed' });
  });
});

describe('the platform that the budget selects', () => {
  const sent = { desired: found(toOther({ sentFrom: 'origin' })) };
  test('is recorded with the stream, so that the channel can return home', () => {
    const next = anIncomingStream({ playable: true });
    expect(change({ ...sent, streams: [aStream(), next] })?.records).toMatchObject([
      { role: 'draining', platform: 'origin' },
      { role: 'active', platform: 'other', sentFrom: 'origin' },
    ]);
    expect(change({ ...sent, streams: [] })?.records).toMatchObject([
      { platform: 'other', sentFrom: 'origin' },
    ]);
  });

  test('is no longer recorded once the spec selects it', () => {
    const there = aRecord({ platform: 'other', name: 'lc-other', sentFrom: 'origin' });
    expect(change({ ...sent, streams: [aStream({ record: there })] })).toBeUndefined();
    const home = change({ desired: found(toOther()), streams: [aStream({ record: there })] });
    expect(home?.records[0]).toMatchObject({ platform: 'other' });
    expect(home?.records[0]).not.toHaveProperty('sentFrom');
    expect(home).not.toHaveProperty('news');
  });

  test('is left like any other platform', () => {
    const there = aStream({ record: aRecord({ platform: 'other', name: 'lc-other', sentFrom: 'origin' }) });
    const back = change({ streams: [there] });
    expect(back?.records).toMatchObject([{ role: 'active' }, { role: 'incoming', platform: 'origin' }]);
  });
});
