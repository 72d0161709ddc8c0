import { describe, expect, test } from '@jest/globals';
import type { LiveChannel, LiveChannelStatus } from '../../../../src/api/live-channel.ts';
import type { StreamRecord } from '../../../../src/api/annotations/stream-records.ts';
import {
  desiredStream,
  homePlatform,
  preferredPlacement,
  requiredFallback,
  shouldUseFallback,
  type Placement,
  type PlacementContext,
  type PlatformCandidate,
} from '../../../../src/channel/desired/platform.ts';
import { found, missing, type Problem } from '../../../../src/channel/state.ts';
import {
  aChannel,
  anIncomingStream,
  aPlatform,
  aRecord,
  at,
  later,
  now,
  policy,
} from '../../../support/channel/channel-examples.ts';

const standIn = aRecord({
  platform: 'away',
  name: 'lc-away',
  insteadOf: 'origin',
  returnAt: at(0),
});

describe('the platform that a channel is at home on', () => {
  test.each<[string, object, StreamRecord[], string | undefined]>([
    ['is the one that it asks for', { platformRef: { name: 'other' } }, [aRecord()], 'other'],
    ['or the one that has its stream, whatever the default is by now', {}, [aRecord()], 'origin'],
    ['or the one that its stream is only away from', {}, [standIn], 'origin'],
    ['not the one that it moves to', {}, [aRecord(), anIncomingStream().record], 'origin'],
    [
      'not the one that its budget sent it to',
      {},
      [aRecord({ platform: 'other', sentFrom: 'origin' })],
      'origin',
    ],
    [
      'also while that one is out and another stands in',
      {},
      [aRecord({ platform: 'away', insteadOf: 'other', sentFrom: 'origin' })],
      'origin',
    ],
    ['nor one that it had', {}, [aRecord({ role: 'draining' })], undefined],
    ['or the default, which is not for the channel to say', {}, [], undefined],
  ])('%s', (_, spec, records, expected) => {
    expect(homePlatform(aChannel({ spec, records }))).toBe(expected);
  });
});

/** Whether a channel with these records should be on its fallback platform `seconds` from now. */
function away(
  records: StreamRecord[],
  seconds: number,
  { homeIsThere = true, hostIsThere = true, condition = 'False NotInUse', spec = {} } = {},
): boolean {
  const [is = 'False', reason = ''] = condition.split(' ');
  const say = (type: string, status: string, reason: string): object => ({
    type,
    status,
    reason,
    message: '',
    lastTransitionTime: '2026-03-01T12:00:00Z',
  });
  const conditions = [
    say('FallbackActive', is, reason),
    hostIsThere
      ? say('HostPresent', 'True', 'HostPublishing')
      : say('HostPresent', 'False', 'WaitingForHost'),
  ];
  const status = { conditions } as LiveChannelStatus;
  const channel = aChannel({ records, status, spec: { fallbackPlatformRef: { name: 'away' }, ...spec } });
  return shouldUseFallback(channel, 'origin', homeIsThere, policy, later(seconds));
}

describe('the way to the fallback platform', () => {
  const active = [aRecord()];
  const out = { condition: 'Unknown PlatformUnavailable' };
  test.each<[string, StreamRecord[], number, Parameters<typeof away>[2], boolean]>([
    ['is not taken while all is well', active, 3_600, {}, false],
    ['nor at once', active, 29, out, false],
    ['is taken after the time that the spec allows', active, 30, out, true],
    ['also before there is any stream', [], 30, out, true],
    [
      'after a longer time where the spec says so',
      active,
      59,
      { ...out, spec: { fallback: { afterSeconds: 60 } } },
      false,
    ],
    [
      'not for what another platform would not do better',
      active,
      3_600,
      { condition: 'Unknown BrowserCrashed' },
      false,
    ],
    [
      'nor where the fallback is home',
      active,
      30,
      { ...out, spec: { fallbackPlatformRef: { name: 'origin' } } },
      false,
    ],
    ['nor where there is none', active, 30, { ...out, spec: { fallbackPlatformRef: undefined } }, false],
    [
      'is taken also when Agora stands in: that made nothing better',
      active,
      0,
      { condition: 'True FallbackAgora' },
      true,
    ],
  ])('%s', (_, records, seconds, difference, expected) => {
    expect(away(records, seconds, difference)).toBe(expected);
  });
});

describe('the way back', () => {
  const onAway = { condition: 'True FallbackPlatform' };
  const patient = { ...standIn, returnAt: at(300) };
  const next = aRecord({ role: 'incoming', slot: 1, since: at(0) });
  test.each<[string, StreamRecord[], number, Parameters<typeof away>[2], boolean]>([
    ['is not tried before its time', [patient], 299, onAway, true],
    ['is tried then', [patient], 300, onAway, false],
    [
      'is not tried while the platform at home is known to be out',
      [patient],
      300,
      { ...onAway, homeIsThere: false },
      true,
    ],
    [
      'is not tried while no host could show that it plays',
      [patient],
      300,
      { ...onAway, hostIsThere: false },
      true,
    ],
    ['has its time', [patient, next], 119, onAway, false],
    ['and no more', [patient, next], 120, onAway, true],
    [
      'is given up when the platform at home goes out again',
      [patient, next],
      10,
      { ...onAway, homeIsThere: false },
      true,
    ],
  ])('%s', (_, records, seconds, difference, expected) => {
    expect(away(records, seconds, difference)).toBe(expected);
  });

  test('is not meant for a channel that has another home by now', () => {
    const channel = aChannel({
      records: [patient],
      spec: { platformRef: { name: 'third' }, fallbackPlatformRef: { name: 'away' } },
    });
    expect(shouldUseFallback(channel, 'third', true, policy, now)).toBe(false);
  });
});

describe('the choice of a platform', () => {
  const candidate = (name: string, difference: Partial<PlatformCandidate> = {}): PlatformCandidate => ({
    facts: { ...aPlatform, name },
    streamName: `lc-${name}`,
    ready: true,
    deleting: false,
    unsupported: [],
    ...difference,
  });
  const placed = (
    name: string,
    difference: Partial<PlatformCandidate> = {},
    sentFrom?: string,
  ): Placement => ({ name, platform: found(candidate(name, difference)), sentFrom });
  const admits = { hasCredentials: true, requestPlace: (): undefined => undefined };
  const full: Problem = { reason: 'QuotaExceeded', message: 'full' };
  const refuses = { hasCredentials: true, requestPlace: (): Problem => full };
  const isNew = aChannel({ records: [] });
  const gone = missing('PlatformNotFound', 'no such platform');

  test.each<[string, Parameters<typeof desiredStream>, object]>([
    [
      'the stream at home',
      [isNew, placed('origin'), undefined, admits],
      { name: 'lc-origin', refused: undefined },
    ],
    ['no place at home', [isNew, placed('origin'), undefined, refuses], { refused: full }],
    [
      'a place is not requested for a stream that exists',
      [aChannel(), placed('origin'), undefined, refuses],
      { refused: undefined },
    ],
    [
      'nor without credentials',
      [isNew, placed('origin'), undefined, { ...refuses, hasCredentials: false }],
      { refused: undefined },
    ],
    [
      'nor for a channel that is being deleted',
      [aChannel({ records: [], deleting: true }), placed('origin'), undefined, refuses],
      { refused: undefined },
    ],
    [
      'nor for one that needs no stream',
      [aChannel({ records: [], spec: { streamMode: 'agora-only' } }), placed('origin'), undefined, refuses],
      { refused: undefined },
    ],
    [
      'the fallback, also where it is full',
      [isNew, placed('origin'), found(candidate('other')), refuses],
      { name: 'lc-other', insteadOf: 'origin', refused: full },
    ],
    [
      'home, where the fallback is not there',
      [isNew, placed('origin'), gone, admits],
      { name: 'lc-origin', insteadOf: undefined },
    ],
    [
      'home, where the fallback cannot be used',
      [
        isNew,
        placed('origin'),
        found(candidate('other', { unsupported: ['playback.access signed'] })),
        admits,
      ],
      { name: 'lc-origin', insteadOf: undefined },
    ],
    [
      'where the budget sends it',
      [isNew, placed('other', {}, 'origin'), undefined, admits],
      { name: 'lc-other', sentFrom: 'origin' },
    ],
  ])('%s', (_, args, expected) => {
    expect(desiredStream(...args)).toMatchObject({ ok: true, value: expected });
  });

  test.each<[string, Parameters<typeof desiredStream>, string]>([
    [
      'an option that the platform lacks',
      [isNew, placed('origin', { unsupported: ['x', 'y'] }), undefined, admits],
      'InvalidConfiguration',
    ],
    [
      'a keyframe interval that it does not accept',
      [
        isNew,
        placed('origin', { facts: { ...aPlatform, keyframeSeconds: { min: 4, max: 6 } } }),
        undefined,
        admits,
      ],
      'InvalidConfiguration',
    ],
    [
      'a platform that is being deleted',
      [isNew, placed('origin', { deleting: true }), undefined, admits],
      'PlatformNotReady',
    ],
    [
      'a platform that is not there',
      [isNew, { name: 'origin', platform: gone, sentFrom: undefined }, undefined, admits],
      'PlatformNotFound',
    ],
  ])('%s is a problem', (_, args, reason) => {
    expect(desiredStream(...args)).toMatchObject({ ok: false, problem: { reason } });
  });

  test('a stream on a platform that is being deleted stays', () => {
    expect(desiredStream(aChannel(), placed('origin', { deleting: true }), undefined, admits).ok).toBe(true);
  });

  test.each<[string, LiveChannel, Placement | undefined, PlacementContext, string]>([
    ['home, without a cheaper one', isNew, undefined, admits, 'origin'],
    ['the cheaper one', isNew, placed('other', {}, 'origin'), admits, 'other'],
    ['home, while the cheaper one is full', isNew, placed('other', {}, 'origin'), refuses, 'origin'],
    [
      'home, while the cheaper one is not there',
      isNew,
      { name: 'other', platform: gone, sentFrom: 'origin' },
      admits,
      'origin',
    ],
    [
      'the cheaper one, once the stream is there, whatever happens to it',
      aChannel({ records: [aRecord({ platform: 'other', sentFrom: 'origin' })] }),
      { name: 'other', platform: gone, sentFrom: 'origin' },
      admits,
      'other',
    ],
  ])('prefers %s', (_, channel, cheaper, context, expected) => {
    expect(preferredPlacement(channel, placed('origin'), cheaper, context).name).toBe(expected);
  });

  test('the fallback is required only while a relay is', () => {
    const out = (spec: object): LiveChannel =>
      aChannel({
        records: [standIn],
        spec: { platformRef: { name: 'origin' }, fallbackPlatformRef: { name: 'away' }, ...spec },
      });
    const home = placed('origin', { ready: false });
    expect(requiredFallback(out({}), home, policy, now)).toBe('away');
    expect(requiredFallback(out({ suspend: true }), home, policy, now)).toBeUndefined();
  });
});
