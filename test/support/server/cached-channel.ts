import { liveChannelSchema, type LiveChannel } from '../../../src/api/live-channel.ts';
import { API_VERSION } from '../../../src/api/names.ts';

/** A LiveChannel as the cache has it, on air unless told. */
export function aCachedChannel(
  name: string,
  difference: {
    readonly spec?: object;
    readonly status?: object;
    readonly annotations?: Record<string, string>;
    readonly metadata?: object;
  } = {},
): LiveChannel {
  return liveChannelSchema.parse({
    apiVersion: API_VERSION,
    kind: 'LiveChannel',
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-of-${name}`,
      resourceVersion: '100',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(difference.annotations === undefined ? {} : { annotations: difference.annotations }),
      ...difference.metadata,
    },
    spec: { agora: { credentialsRef: { name: 'agora' } }, ...difference.spec },
    status: {
      relayStatus: 'active',
      effectiveStreamMode: 'hybrid',
      hlsPlaybackUrl: 'https://play.example/live.m3u8',
      streamingPlatform: 'ivs-eu',
      ...difference.status,
    },
  });
}
