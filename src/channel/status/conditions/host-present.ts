import type { LiveChannel } from '../../../api/live-channel.ts';
import { agoraChannelName } from '../../desired/agora-channel.ts';
import type { ConditionInput } from './input.ts';
import { conditionFalse, conditionTrue, conditionUnknown, type Rules } from './rule.ts';

/** HostPresent: a host publishes in the Agora channel. Only a relay that has joined the channel can observe this. */
export const hostPresentRules: Rules<ConditionInput> = [
  {
    // The relay cannot be polled, but its pod is ready, so media flows, and media comes from a host.
    name: 'on air without a report',
    decide: ({ report, onAir }) =>
      report === undefined && onAir ? conditionTrue('HostPublishing', 'Media is flowing.') : undefined,
  },
  {
    name: 'no relay to see it',
    decide: ({ report, desired }) =>
      !desired.relay || report === undefined
        ? conditionUnknown('RelayStopped', 'Host presence is unknown: no relay is running.')
        : undefined,
  },
  {
    name: 'publishes video',
    decide: ({ report }) =>
      report?.host?.video === true
        ? conditionTrue('HostPublishing', `Host ${report.host.uid} publishes video.`)
        : undefined,
  },
  {
    // A host whose camera is off is present, so that the relay must not become idle.
    name: 'publishes audio only',
    decide: ({ report }) =>
      report?.host?.audio === true
        ? conditionTrue('HostPublishing', `Host ${report.host.uid} publishes audio only.`)
        : undefined,
  },
  {
    name: 'not joined yet',
    decide: ({ report }) =>
      report?.state === 'starting' || report?.state === 'joining'
        ? conditionUnknown('RelayStarting', 'The relay has not joined the Agora channel yet.')
        : undefined,
  },
  {
    name: 'absent, with the last frame held',
    decide: ({ report, channel }) =>
      report?.videoOutput === 'held'
        ? conditionFalse('WaitingForHost', `${absentHost(channel)}; the last frame is held.`)
        : undefined,
  },
  {
    name: 'absent',
    decide: ({ channel }) => conditionFalse('WaitingForHost', `${absentHost(channel)}.`),
  },
];

function absentHost(channel: LiveChannel): string {
  const { hostUid } = channel.spec.agora;
  const host = hostUid === undefined ? 'No host publishes' : `Host ${hostUid} does not publish`;
  return `${host} video in Agora channel "${agoraChannelName(channel)}"`;
}
