import { describe, expect, test } from '@jest/globals';
import type { IdleRecord } from '../../../../src/api/stream-records.ts';
import { annotations } from '../../../../src/api/names.ts';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { hostActions, isCurrent, isMissed } from '../../../../src/server/agora-notifications/host-actions.ts';
import type { MemberNotification } from '../../../../src/server/agora-notifications/notification.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';

const now = new Date('2026-03-01T12:00:00Z');
const joined: MemberNotification = {
  about: 'member',
  noticeId: '1',
  agoraChannel: 'live_42',
  at: now,
  sentAt: now,
  uid: 1_000,
  clientSeq: 1,
  present: true,
  role: 'host',
};
const policy = { createChannels: false, project: 'agora', template: 'live_{channelId}' };
const onHost = { relay: { startOn: 'host' } };

function channel(difference: {
  readonly spec?: object;
  readonly idle?: IdleRecord['why'];
  readonly hostPresent?: 'True' | 'False';
  readonly metadata?: object;
}): LiveChannel {
  const { spec = {}, idle, hostPresent, metadata = {} } = difference;
  const at = now.toISOString();
  const records =
    idle === undefined
      ? []
      : [
          {
            ...({ role: 'active', platform: 'origin', name: 's', attempt: 'a', since: at } as const),
            idle: { since: at, why: idle },
          },
        ];
  const condition = { type: 'HostPresent', reason: 'Test', message: '', lastTransitionTime: at };
  return aCachedChannel('show', {
    spec: { agora: { credentialsRef: { name: 'agora' } }, ...spec },
    metadata,
    status: {
      streams: records,
      conditions: hostPresent === undefined ? [] : [{ ...condition, status: hostPresent }],
    },
  });
}

describe('the join of a host starts the relay', () => {
  test.each<[string, LiveChannel, Partial<MemberNotification>]>([
    ['that is idle because there was no host', channel({ idle: 'no-host' }), {}],
    ['that has not seen the host, with startOn: host', channel({ spec: onHost, hostPresent: 'False' }), {}],
    ['that has no state yet, with startOn: host', channel({ spec: onHost }), {}],
    [
      'when it is the host of the spec, also in the communication profile',
      channel({ idle: 'no-host', spec: { agora: { credentialsRef: { name: 'agora' }, hostUid: 1_000 } } }),
      { role: 'user' },
    ],
  ])('%s', (_, relayed, difference) => {
    expect(hostActions('agora', { ...joined, ...difference }, [relayed], policy)).toEqual([
      { do: 'resume', channel: relayed },
    ]);
  });

  test('of each channel that relays the Agora channel', () => {
    const all = [
      channel({ idle: 'no-host' }),
      channel({ spec: { suspend: true } }),
      channel({ spec: onHost }),
    ];
    expect(hostActions('agora', joined, all, policy)).toHaveLength(2);
  });
});

describe('nothing is started', () => {
  test.each<[string, LiveChannel, Partial<MemberNotification>]>([
    ['by a viewer', channel({ idle: 'no-host' }), { role: 'audience' }],
    ['by a user without a role', channel({ idle: 'no-host' }), { role: 'user' }],
    ['by a host who leaves', channel({ idle: 'no-host' }), { present: false }],
    ['by a relay', channel({ idle: 'no-host' }), { uid: 4_049_477_966 }],
    [
      'by another host than that of the spec',
      channel({ idle: 'no-host', spec: { agora: { credentialsRef: { name: 'agora' }, hostUid: 7 } } }),
      {},
    ],
    ['when the relay runs', channel({}), {}],
    ['when the relay already sees the host', channel({ spec: onHost, hostPresent: 'True' }), {}],
    ['when there are no viewers', channel({ idle: 'no-viewers' }), {}],
    ['when Agora alone costs less', channel({ idle: 'agora', spec: onHost }), {}],
    ['when the channel is suspended', channel({ idle: 'no-host', spec: { suspend: true } }), {}],
    ['on Agora only', channel({ spec: { ...onHost, streamMode: 'agora-only' } }), {}],
    [
      'when the channel is being deleted',
      channel({ idle: 'no-host', metadata: { deletionTimestamp: now.toISOString() } }),
      {},
    ],
  ])('%s', (_, relayed, difference) => {
    expect(hostActions('agora', { ...joined, ...difference }, [relayed], policy)).toEqual([]);
  });
});

describe('a host in an Agora channel without a LiveChannel', () => {
  const creating = { ...policy, createChannels: true };
  test('creates one, by the reverse of the template', () => {
    expect(hostActions('agora', joined, [], creating)).toEqual([{ do: 'create', id: '42' }]);
    expect(
      hostActions('agora', { ...joined, agoraChannel: 'show-1' }, [], {
        ...creating,
        template: '{channelId}',
      }),
    ).toEqual([{ do: 'create', id: 'show-1' }]);
  });

  test.each<[string, string, Partial<MemberNotification>, Partial<typeof policy>]>([
    ['unless the setting is off', 'agora', {}, { createChannels: false }],
    ['of another project', 'other', {}, {}],
    ['whose name does not match the template', 'agora', { agoraChannel: 'call_42' }, {}],
    ['when a viewer joins', 'agora', { role: 'audience' }, {}],
    ['when a user without a role joins', 'agora', { role: 'user' }, {}],
    ['when a host leaves', 'agora', { present: false }, {}],
  ])('creates none %s', (_, project, event, other) => {
    expect(hostActions(project, { ...joined, ...event }, [], { ...creating, ...other })).toEqual([]);
  });
});

test('an event older than five minutes, or sent longer ago, starts nothing', () => {
  const before = (seconds: number): Date => new Date(now.getTime() - seconds * 1_000);
  expect(isCurrent({ ...joined, at: before(300) }, now)).toBe(true);
  expect(isCurrent({ ...joined, at: before(301) }, now)).toBe(false);
  expect(isCurrent({ ...joined, sentAt: before(301) }, now)).toBe(false);
  expect(isCurrent({ ...joined, at: before(-301) }, now)).toBe(false);
});

describe('a host who is in the Agora channel while the relay is idle', () => {
  const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);
  const idle = channel({ spec: onHost, idle: 'no-host' });
  test('is served at the interval of probes', () => {
    expect(isMissed(idle, [1_000], later(59))).toBe(false);
    expect(isMissed(idle, [1_000], later(60))).toBe(true);
    // Another replica was faster.
    const { metadata } = idle;
    const noted = { ...metadata.annotations, [annotations.resume]: later(60).toISOString() };
    const resumed = { ...idle, metadata: { ...metadata, annotations: noted } };
    expect(isMissed(resumed, [1_000], later(119))).toBe(false);
    expect(isMissed(resumed, [1_000], later(120))).toBe(true);
  });

  const spec = (relay: object, rest: object = {}): object => ({
    relay: { startOn: 'host', ...relay },
    ...rest,
  });
  const hostUid = { agora: { credentialsRef: { name: 'agora' }, hostUid: 7 } };
  test.each<[string, LiveChannel, readonly number[]]>([
    ['without a host', idle, []],
    ['when another host is there', channel({ idle: 'no-host', spec: spec({}, hostUid) }), [1_000]],
    [
      'without probes',
      channel({ idle: 'no-host', spec: spec({ idle: { hostProbeIntervalSeconds: 0 } }) }),
      [1],
    ],
    ['when there are no viewers', channel({ idle: 'no-viewers', spec: onHost }), [1]],
    ['when the relay runs', channel({ spec: onHost }), [1]],
    ['when the channel is suspended', channel({ idle: 'no-host', spec: spec({}, { suspend: true }) }), [1]],
    ['with startOn: request, whose relay probes by itself', channel({ idle: 'no-host' }), [1]],
  ])('nothing is started %s', (_, relayed, hosts) => {
    expect(isMissed(relayed, hosts, later(3_600))).toBe(false);
  });
});
