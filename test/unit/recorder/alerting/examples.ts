import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { API_VERSION } from '../../../../src/api/names.ts';
import { streamingPlatformSchema, type StreamingPlatform } from '../../../../src/api/streaming-platform.ts';
import { aChannel, aRecord } from '../../../support/channel/channel-examples.ts';

const since = '2026-01-01T00:00:00Z';

export const condition = (type: string, status: string, reason: string, message = 'why') => ({
  ...{ type, status, reason, message },
  lastTransitionTime: since,
});

/** A channel with this status; on air unless its conditions say otherwise. */
export function channelWith(
  conditions: readonly ReturnType<typeof condition>[],
  difference: { readonly status?: object; readonly spec?: object; readonly metadata?: object } = {},
): LiveChannel {
  const records = [aRecord({ platform: 'origin' })];
  const { status, ...others } = difference;
  const channel = aChannel({ records, ...others });
  return {
    ...channel,
    status: {
      relayStatus: 'active',
      effectiveStreamMode: 'hybrid',
      streamingPlatform: 'origin',
      conditions: [...conditions],
      ...status,
    } as LiveChannel['status'],
  };
}

export const onAir = channelWith([
  condition('Ready', 'True', 'Live'),
  condition('HostPresent', 'True', 'HostPublishing'),
]);
export const offAir = channelWith(
  [
    condition('Ready', 'False', 'PodPending', 'No node has room.'),
    condition('HostPresent', 'Unknown', 'RelayStopped'),
  ],
  { status: { relayStatus: 'error' } },
);

/** The same channel with another name; the records in its annotation are those of the example. */
export function named(channel: LiveChannel, name: string, uid = `uid-${name}`): LiveChannel {
  return { ...channel, metadata: { ...channel.metadata, name, uid } };
}

export function platformWith(
  conditions: readonly ReturnType<typeof condition>[] = [condition('Ready', 'True', 'CredentialsVerified')],
  status: object = {},
  name = 'origin',
): StreamingPlatform {
  return streamingPlatformSchema.parse({
    apiVersion: API_VERSION,
    kind: 'StreamingPlatform',
    metadata: { name, uid: `uid-${name}` },
    spec: {
      provider: 'ivs',
      credentialsRef: { namespace: 'default', name: 'ivs' },
      ivs: { region: 'eu-central-1' },
    },
    status: { conditions, ...status },
  });
}
