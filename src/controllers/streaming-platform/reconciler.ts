import type { Condition } from '../../api/metadata.ts';
import type { Reason } from '../../api/reasons.ts';
import type { StreamingPlatform, StreamingPlatformStatus } from '../../api/streaming-platform.ts';
import type { Problem } from '../../channel/observed.ts';
import { setCondition } from '../../kube/conditions.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../kube/clock.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { ObjectRef } from '../../kube/resource.ts';
import { writeStatus } from '../../kube/status.ts';
import type { Objects } from '../combined.ts';
import { PlatformError } from '../../platforms/errors.ts';
import type { ObservedStream } from '../../platforms/platform.ts';
import type { OperatorMetrics } from '../metrics.ts';
import type { OpenPlatform, PlatformDirectory } from '../platform-directory.ts';
import { streamingPlatformType } from '../resource-types.ts';
import type { OrphanSweep } from './orphan-sweep.ts';

export interface PlatformReconcilerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly metrics: OperatorMetrics;
  readonly platforms: Objects<StreamingPlatform>;
  readonly directory: PlatformDirectory;
  readonly sweep: OrphanSweep;
  readonly checkEveryMs: number;
}

/** Tries a platform's credentials for real, lists its streams, and says in its status how it is. */
export class PlatformReconciler {
  readonly #options: PlatformReconcilerOptions;
  /** By platform: the orphans that were named last. They are news once, not with every look. */
  readonly #named = new Map<string, string>();

  constructor(options: PlatformReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(
    ref: ObjectRef,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<{ requeueAfterMs: number } | undefined> {
    const { platforms, directory, metrics, checkEveryMs } = this.#options;
    const resource = platforms.get(ref);
    if (resource === undefined) {
      directory.forget(ref.name);
      this.#named.delete(ref.name);
      for (const gauge of [metrics.platformReady, metrics.platformStreams, metrics.orphanStreams])
        gauge.remove({ platform: ref.name });
      return undefined;
    }
    const checked = await this.#check(resource, signal);
    metrics.platformReady.set({ platform: ref.name }, checked.problem === undefined ? 1 : 0);
    if (checked.streams !== undefined)
      metrics.platformStreams.set({ platform: ref.name }, checked.streams.length);
    await this.#writeStatus(resource, checked, signal);
    // What is wrong may be mended at any moment, and Secrets are not watched.
    return { requeueAfterMs: checked.problem === undefined ? checkEveryMs : Math.min(5_000, checkEveryMs) };
  }

  async #check(
    resource: StreamingPlatform,
    signal: AbortSignal,
  ): Promise<{ problem?: Problem; streams?: readonly ObservedStream[] }> {
    const { directory, clock } = this.#options;
    const opened = await directory.openResource(resource, signal);
    if (!opened.ok) return { problem: opened.problem };
    try {
      await opened.value.driver.verify(signal);
      const at = clock.now();
      const streams = await opened.value.driver.listStreams(signal);
      directory.noteListing(opened.value.name, {
        at,
        streams: new Map(streams.map((each) => [each.id, each])),
      });
      await this.#sweep(opened.value, streams, signal);
      return { streams };
    } catch (error) {
      if (error instanceof PlatformError)
        return { problem: { reason: error.reason, message: error.message } };
      throw error;
    }
  }

  async #sweep(
    platform: OpenPlatform,
    streams: readonly ObservedStream[],
    signal: AbortSignal,
  ): Promise<void> {
    const { events, metrics, sweep } = this.#options;
    const { orphans, deleted } = await sweep.run(platform, streams, signal);
    metrics.orphanStreams.set({ platform: platform.name }, orphans.length);
    const say = (reason: Reason, text: string): void => {
      events.event(platform.resource, 'Warning', reason, text);
    };
    const all = orphans
      .map(({ id }) => id)
      .sort()
      .join();
    if (orphans.length > 0 && this.#named.get(platform.name) !== all)
      say(
        'OrphanStreams',
        `No LiveChannel owns ${names(orphans)}. orphanPolicy Delete would delete such streams.`,
      );
    this.#named.set(platform.name, all);
    if (deleted.length > 0) say('OrphanStreamDeleted', `No LiveChannel owned ${names(deleted)}: deleted.`);
  }

  async #writeStatus(
    resource: StreamingPlatform,
    checked: { problem?: Problem; streams?: readonly ObservedStream[] },
    signal: AbortSignal,
  ): Promise<void> {
    const { client, clock, events } = this.#options;
    const { problem, streams } = checked;
    const draft = {
      type: 'Ready',
      status: problem === undefined ? ('True' as const) : ('False' as const),
      reason: problem?.reason ?? 'CredentialsVerified',
      message: problem?.message ?? 'The platform answers and accepts the credentials.',
      observedGeneration: resource.metadata.generation ?? 0,
    };
    const conditions: Condition[] = setCondition(resource.status?.conditions, draft, clock.now());
    const known = streams?.length ?? resource.status?.streams;
    const status: StreamingPlatformStatus = {
      observedGeneration: resource.metadata.generation ?? 0,
      conditions,
      ...(known === undefined ? {} : { streams: known }),
    };
    const old = resource.status?.conditions?.find(({ type }) => type === 'Ready');
    await writeStatus(client, streamingPlatformType, resource, status, { signal });
    if (old?.reason !== draft.reason)
      events.event(resource, problem === undefined ? 'Normal' : 'Warning', draft.reason, draft.message);
  }
}

function names(streams: readonly ObservedStream[]): string {
  const shown = streams
    .slice(0, 5)
    .map(({ id, owner }) => `${id} (made for ${owner?.channel ?? 'nobody known'})`);
  const more = streams.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}
