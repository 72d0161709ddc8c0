import { annotations, API_VERSION } from '../../../src/api/names.ts';
import { streamingPlatformSchema, type StreamingPlatform } from '../../../src/api/streaming-platform.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { Secret } from '../../../src/kube/core-types.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { SecretReader } from '../../../src/cluster/secret-reader.ts';
import { streamId, type ObservedStream, type StreamOwner } from '../../../src/platforms/platform.ts';

export const never = new AbortController().signal;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export function aSecretObject(values: Record<string, string>, version = '1'): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'shop', name: 'agora', uid: 'secret-uid', resourceVersion: version },
    data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, base64(value)])),
  };
}

/** A reader of one Secret that a test can change, and the number of times that it was fetched. */
export class OneSecret {
  secret: Secret | undefined;
  error: Error | undefined;
  fetched = 0;
  readonly clock = new FakeClock();
  readonly reader: SecretReader;

  constructor(secret?: Secret) {
    this.secret = secret;
    const get = async (): Promise<Secret | undefined> => {
      this.fetched += 1;
      if (this.error !== undefined) throw this.error;
      return this.secret;
    };
    this.reader = new SecretReader({ get } as unknown as KubeClient, this.clock);
  }
}

/** A StreamingPlatform of the origin, with its credentials where `OneSecret` has them. */
export function aStreamingPlatform(
  name: string,
  {
    isDefault = false,
    spec = {},
    metadata = {},
    status,
  }: { isDefault?: boolean; spec?: object; metadata?: object; status?: StreamingPlatform['status'] } = {},
): StreamingPlatform {
  return streamingPlatformSchema.parse({
    apiVersion: API_VERSION,
    kind: 'StreamingPlatform',
    metadata: {
      name,
      uid: `uid-of-${name}`,
      generation: 1,
      annotations: isDefault ? { [annotations.defaultPlatform]: 'true' } : {},
      ...metadata,
    },
    spec: {
      provider: 'origin',
      credentialsRef: { namespace: 'shop', name: 'agora' },
      origin: { controlUrl: 'http://origin:8081' },
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  });
}

export const anOwner = (difference: Partial<StreamOwner> = {}): StreamOwner => ({
  clusterId: 'cluster',
  platform: 'origin',
  channelUid: 'channel-uid',
  channel: 'shop/show',
  ...difference,
});

export function aStream(id: string, difference: Partial<ObservedStream> = {}): ObservedStream {
  return {
    id: streamId(id),
    name: `lc-${id}`,
    owner: anOwner(),
    live: false,
    liveSince: undefined,
    viewers: undefined,
    ingestBitrateKbps: undefined,
    createdAt: undefined,
    ...difference,
  };
}
