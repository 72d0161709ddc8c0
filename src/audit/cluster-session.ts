import type { LiveChannel } from '../api/live-channel.ts';
import type { StreamingPlatform } from '../api/streaming-platform.ts';
import type { Found } from '../channel/state.ts';
import { clusterUid } from '../cluster/cluster-uid.ts';
import { PlatformDirectory, type OpenPlatform } from '../cluster/platform-directory.ts';
import { liveChannelType, streamingPlatformType } from '../api/kinds.ts';
import { SecretReader } from '../cluster/secret-reader.ts';
import { connect, type KubeClient } from '../kube/client.ts';
import { systemClock } from '../base/clock.ts';
import { RateLimits } from '../platforms/rate-limit.ts';

/** Which cluster to read, and the cluster ID in the owner tags of its streams. Defaults as in command-line.ts. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly clusterId?: string;
}

/** Read-only access to the cluster and its platforms with the caller's kubeconfig. Dispose it to close the client. */
export class ClusterSession implements AsyncDisposable {
  readonly platforms: readonly StreamingPlatform[];
  readonly clusterId: string;
  readonly #client: KubeClient;
  readonly #directory: PlatformDirectory;

  private constructor(client: KubeClient, platforms: readonly StreamingPlatform[], clusterId: string) {
    this.#client = client;
    this.platforms = platforms;
    this.clusterId = clusterId;
    const byName = { get: namedIn(platforms), list: () => [...platforms] };
    const rateLimits = new RateLimits(systemClock);
    this.#directory = new PlatformDirectory(byName, new SecretReader(client, systemClock), {
      clusterId,
      clock: systemClock,
      rateLimits,
    });
  }

  /** Connects and lists the StreamingPlatforms. Throws a KubeError when the cluster does not answer or refuses. */
  static async open(
    { kubeconfig, context, clusterId }: ClusterOptions,
    signal: AbortSignal,
  ): Promise<ClusterSession> {
    const client = await connect({ kubeconfigPath: kubeconfig, context, fieldManager: 'livechannel-audit' });
    try {
      const { items } = await client.list(streamingPlatformType, { signal });
      const platforms = items.toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name));
      return new ClusterSession(client, platforms, clusterId ?? (await clusterUid(client, signal)));
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** The driver of the named StreamingPlatform, or the problem that prevents opening it. */
  open(name: string, signal: AbortSignal): Promise<Found<OpenPlatform>> {
    return this.#directory.open(name, signal);
  }

  async channels(signal: AbortSignal): Promise<readonly LiveChannel[]> {
    return (await this.#client.list(liveChannelType, { signal })).items;
  }

  channel(namespace: string, name: string, signal: AbortSignal): Promise<LiveChannel | undefined> {
    return this.#client.get(liveChannelType, { namespace, name }, { signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }
}

function namedIn(platforms: readonly StreamingPlatform[]) {
  return ({ name }: { readonly name: string }): StreamingPlatform | undefined =>
    platforms.find(({ metadata }) => metadata.name === name);
}
