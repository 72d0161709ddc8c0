import { describe, expect, test } from '@jest/globals';
import type { LiveChannel, LiveChannelStatus } from '../../../../src/api/live-channel.ts';
import type { StreamRecord } from '../../../../src/api/stream-records.ts';
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

describe('the home platform of a channel', () => {
  test.each<[string, object, StreamRecord[], string | undefined]>([
    ['is the one in spec.platformRef', { platformRef: { name: 'other' } }, [aRecord()], 'other'],
    ['is the one that has its stream, whatever the default is now', {}, [aRecord()], 'origin'],
    ['is the one that its stream has left temporarily', {}, [standIn], 'origin'],
    ['is not the migration target', {}, [aRecord(), anIncomingStream().record], 'origin'],
    [
      'is not the one that its budget has selected',
      {},
      [aRecord({ platform: 'other', sentFrom: 'origin' })],
      'origin',
    ],
    [
      'stays home during an outage on the fallback platform',
      {},
      [aRecord({ platform: 'away', insteadOf: 'other', sentFrom: 'origin' })],
      'origin',
    ],
    ['is not a previous platform', {}, [aRecord({ role: 'draining' })], undefined],
    ['falls back to the default, which the channel does not know', {}, [], undefined],
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
  const conditionOf = (type: string, status: string, reason: string): object => ({
    type,
    status,
    reason,
    message: '',
    lastTransitionTime: '2026-03-01T12:00:00Z',
  });
  const conditions = [
    conditionOf('FallbackActive', is, reason),
    hostIsThere
      ? conditionOf('HostPresent', 'True', 'HostPublishing')
      : conditionOf('HostPresent', 'False', 'WaitingForHost'),
  ];
  const status = { conditions } as LiveChannelStatus;
  const channel = aChannel({ records, status, spec: { fallbackPlatformRef: { name: 'away' }, ...spec } });
  return shouldUseFallback(channel, 'origin', homeIsThere, policy, later(seconds));
}

describe('switching to the fallback platform', () => {
  const active = [aRecord()];
  const out = { condition: 'Unknown PlatformUnavailable' };
  test.each<[string, StreamRecord[], number, Parameters<typeof away>[2], boolean]>([
    ['not while all is well', active, 3_600, {}, false],
    ['not immediately', active, 29, out, false],
    ['after the time in the spec', active, 30, out, true],
    ['also before any stream exists', [], 30, out, true],
    [
      'after a longer time in the spec',
      active,
      59,
      { ...out, spec: { fallback: { afterSeconds: 60 } } },
      false,
    ],
    [
      'not for faults that another platform would not solve',
      active,
      3_600,
      { condition: 'Unknown BrowserCrashed' },
      false,
    ],
    [
      'not when the fallback platform is the home platform',
      active,
      30,
      { ...out, spec: { fallbackPlatformRef: { name: 'origin' } } },
      false,
    ],
    [
      'not without a fallback platform',
      active,
      30,
      { ...out, spec: { fallbackPlatformRef: undefined } },
      false,
    ],
    [
      'also while the fallback is Agora, which changes nothing about the fault',
      active,
      0,
      { condition: 'True FallbackAgora' },
      true,
    ],
  ])('%s', (_, records, seconds, difference, expected) => {
    expect(away(records, seconds, difference)).toBe(expected);
  });
});

describe('returning from the fallback platform', () => {
  const onAway = { condition: 'True FallbackPlatform' };
  const patient = { ...standIn, returnAt: at(300) };
  const next = aRecord({ role: 'incoming', slot: 1, since: at(0) });
  test.each<[string, StreamRecord[], number, Parameters<typeof away>[2], boolean]>([
    ['not before the retry time', [patient], 299, onAway, true],
    ['at the retry time', [patient], 300, onAway, false],
    [
      'not while the home platform is known to be down',
      [patient],
      300,
      { ...onAway, homeIsThere: false },
      true,
    ],
    [
      'not without a host, because nothing could prove playback',
      [patient],
      300,
      { ...onAway, hostIsThere: false },
      true,
    ],
    ['is allowed a limited time', [patient, next], 119, onAway, false],
    ['is aborted after that time', [patient, next], 120, onAway, true],
    [
      'is aborted when the home platform fails again',
      [patient, next],
      10,
      { ...onAway, homeIsThere: false },
      true,
    ],
  ])('%s', (_, records, seconds, difference, expected) => {
    expect(away(records, seconds, difference)).toBe(expected);
  });

  test('does not apply to a channel whose home platform has changed', () => {
    const channel = aChannel({
      records: [patient],
      spec: { platformRef: { name: 'third' }, fallbackPlatformRef: { name: 'away' } },
    });
    expect(shouldUseFallback(channel, 'third', true, policy, now)).toBe(false);
  });
});

describe('selecting a platform', () => {
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
      'the stream on the home platform',
      [isNew, placed('origin'), undefined, admits],
      { name: 'lc-origin', refused: undefined },
    ],
    ['no quota on the home platform', [isNew, placed('origin'), undefined, refuses], { refused: full }],
    [
      'no quota is requested for a stream that exists',
      [aChannel(), placed('origin'), undefined, refuses],
      { refused: undefined },
    ],
    [
      'no quota is requested without credentials',
      [isNew, placed('origin'), undefined, { ...refuses, hasCredentials: false }],
      { refused: undefined },
    ],
    [
      'no quota is requested for a channel that is being deleted',
      [aChannel({ records: [], deleting: true }), placed('origin'), undefined, refuses],
      { refused: undefined },
    ],
    [
      'no quota is requested when no stream is required',
      [aChannel({ records: [], spec: { streamMode: 'agora-only' } }), placed('origin'), undefined, refuses],
      { refused: undefined },
    ],
    [
      'the fallback platform, even if it is full',
      [isNew, placed('origin'), found(candidate('other')), refuses],
      { name: 'lc-other', insteadOf: 'origin', refused: full },
    ],
    [
      'home, if the fallback platform does not exist',
      [isNew, placed('origin'), gone, admits],
      { name: 'lc-origin', insteadOf: undefined },
    ],
    [
      'home, if the fallback platform cannot be used',
      [
        isNew,
        placed('origin'),
        found(candidate('other', { unsupported: ['playback.access signed'] })),
        admits,
      ],
      { name: 'lc-origin', insteadOf: undefined },
    ],
    [
      'the platform that the budget selects',
      [isNew, placed('other', {}, 'origin'), undefined, admits],
      { name: 'lc-other', sentFrom: 'origin' },
    ],
  ])('%s', (_, args, expected) => {
    expect(desiredStream(...args)).toMatchObject({ ok: true, value: expected });
  });

  test.each<[string, Parameters<typeof desiredStream>, string]>([
    [
      'an option that the platform does not support',
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
      'a platform that does not exist',
      [isNew, { name: 'origin', platform: gone, sentFrom: undefined }, undefined, admits],
      'PlatformNotFound',
    ],
  ])('%s is reported as a problem', (_, args, reason) => {
    expect(desiredStream(...args)).toMatchObject({ ok: false, problem: { reason } });
  });

  test('a stream on a platform that is being deleted stays there', () => {
    expect(desiredStream(aChannel(), placed('origin', { deleting: true }), undefined, admits).ok).toBe(true);
  });

  test.each<[string, LiveChannel, Placement | undefined, PlacementContext, string]>([
    ['home, without a cheaper platform', isNew, undefined, admits, 'origin'],
    ['the cheaper platform', isNew, placed('other', {}, 'origin'), admits, 'other'],
    ['home, while the cheaper platform is full', isNew, placed('other', {}, 'origin'), refuses, 'origin'],
    [
      'home, while the cheaper platform does not exist',
      isNew,
      { name: 'other', platform: gone, sentFrom: 'origin' },
      admits,
      'origin',
    ],
    [
      'the cheaper platform once its stream exists, whatever happens to the platform',
      aChannel({ records: [aRecord({ platform: 'other', sentFrom: 'origin' })] }),
      { name: 'other', platform: gone, sentFrom: 'origin' },
      admits,
      'other',
    ],
  ])('prefers %s', (_, channel, cheaper, context, expected) => {
    expect(preferredPlacement(channel, placed('origin'), cheaper, context).name).toBe(expected);
  });

  test('the fallback platform is required only while a relay is required', () => {
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
