import { describe, expect, test } from '@jest/globals';
import type { LiveChannelStatus } from '../../../../src/api/live-channel.ts';
import type { StreamRecord } from '../../../../src/api/annotations/stream-records.ts';
import { homePlatform, shouldUseFallback } from '../../../../src/channel/desired/platform.ts';
import { aChannel, anIncomingStream, aRecord, at, later, now, policy } from '../examples.ts';

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
