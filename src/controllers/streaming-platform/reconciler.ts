import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { FIELD_MANAGER, PLATFORM_FINALIZER } from '../../api/names.ts';
import { isReason, type Reason } from '../../api/reasons.ts';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import type { Problem } from '../../channel/state.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../base/clock.ts';
import type { EventRecorder } from '../../kube/events.ts';
import { removeFinalizer } from '../../kube/finalizers.ts';
import type { ObjectRef } from '../../kube/resource.ts';
import { writeStatus } from '../../kube/status.ts';
import type { Logger } from '../../base/logger.ts';
import type { ObjectLister } from '../../cluster/multi-namespace-lister.ts';
import { PlatformError } from '../../platforms/errors.ts';
import type { ObservedStream } from '../../platforms/platform.ts';
import type { OperatorMetrics } from '../metrics.ts';
import type { PlatformAnalytics } from '../platforms/platform-analytics.ts';
import type { OpenPlatform, PlatformDirectory } from '../../cluster/platform-directory.ts';
import type { ViewerAbsence } from '../platforms/viewer-absence.ts';
import { capacityOf } from '../platforms/stream-quota.ts';
import { streamingPlatformType } from '../../api/kinds.ts';
import { describePlatform, type PlatformChecked } from './describe.ts';
import type { OrphanSweep } from './orphan-sweep.ts';
import { usersOf } from './users.ts';
import type { ViewerMetrics } from './viewer-metrics.ts';

export interface PlatformReconcilerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly metrics: OperatorMetrics;
  readonly viewers: ViewerMetrics;
  readonly absence: ViewerAbsence;
  readonly analytics: PlatformAnalytics;
  readonly platforms: ObjectLister<StreamingPlatform>;
  readonly channels: ObjectLister<LiveChannel>;
  readonly directory: PlatformDirectory;
  readonly sweep: OrphanSweep;
  readonly checkEveryMs: number;
}

/** Verifies a platform's credentials with a call, lists its streams, and reports both in its status. */
export class PlatformReconciler {
  readonly #options: PlatformReconcilerOptions;
  /** By platform: the orphans in the last event. No further event is emitted for the same orphans. */
  readonly #reported = new Map<string, string>();

  constructor(options: PlatformReconcilerOptions) {
    this.#options = options;
  }

  /** Checks the platform once. Returns when to check again; undefined when the platform was deleted or released. */
  async reconcile(
    ref: ObjectRef,
    { signal, logger }: { readonly signal: AbortSignal; readonly logger: Logger },
  ): Promise<{ requeueAfterMs: number } | undefined> {
    const { platforms, checkEveryMs } = this.#options;
    const resource = platforms.get(ref);
    if (resource === undefined) {
      this.#forget(ref.name);
      return undefined;
    }
    const guarded = await this.#ensureFinalizer(resource, signal);
    if (guarded === undefined) return undefined; // released: no channel uses it
    const checked = await this.#check(resource, signal, logger);
    await this.#report(guarded, checked, signal);
    // A problem may be resolved at any time, and Secrets are not watched.
    const intervalMs = checked.problem === undefined ? checkEveryMs : Math.min(5_000, checkEveryMs);
    return {
      requeueAfterMs:
        resource.metadata.deletionTimestamp === undefined ? intervalMs : Math.min(2_000, intervalMs),
    };
  }

  /**
   * Adds the finalizer, or removes it from a platform that is being deleted and has no users. A platform must not be
   * deleted while it has streams, because they could not be deleted afterwards. Returns the resource with the
   * finalizer; undefined once it was released.
   */
  async #ensureFinalizer(
    resource: StreamingPlatform,
    signal: AbortSignal,
  ): Promise<StreamingPlatform | undefined> {
    const { client, channels } = this.#options;
    const { name, uid, deletionTimestamp, finalizers = [] } = resource.metadata;
    const has = finalizers.includes(PLATFORM_FINALIZER);
    if (deletionTimestamp === undefined) {
      if (has) return resource;
      const metadata = { name, uid, finalizers: [PLATFORM_FINALIZER] };
      return client.apply(
        streamingPlatformType,
        { metadata },
        { fieldManager: FIELD_MANAGER, force: true, signal },
      );
    }
    if (usersOf(name, channels.list()).length > 0) return resource;
    if (has) await removeFinalizer(client, streamingPlatformType, resource, PLATFORM_FINALIZER, { signal });
    return undefined;
  }

  async #check(resource: StreamingPlatform, signal: AbortSignal, logger: Logger): Promise<PlatformChecked> {
    const { directory, clock } = this.#options;
    const opened = await directory.openResource(resource, signal);
    if (!opened.ok) return { problem: opened.problem };
    const capacity = capacityOf(opened.value);
    const { name, driver } = opened.value;
    try {
      await driver.verify(signal);
      const at = clock.now();
      const streams = await driver.listStreams(signal);
      directory.noteListing(name, { at, streams: new Map(streams.map((each) => [each.id, each])) });
      const orphans = await this.#sweep(opened.value, streams, signal);
      await this.#countViewers(opened.value, streams, signal, logger);
      const problem = directory.refusal(opened.value);
      return { streams, orphans, capacity, ...(problem === undefined ? {} : { problem }) };
    } catch (error) {
      if (error instanceof PlatformError) return { problem: asProblem(error), capacity };
      throw error;
    }
  }

  /** Records viewer counts. They are optional: the check succeeds even if the platform does not return them. */
  async #countViewers(
    { name, driver }: OpenPlatform,
    streams: readonly ObservedStream[],
    signal: AbortSignal,
    logger: Logger,
  ): Promise<void> {
    try {
      const analytics = await driver.analytics(signal);
      this.#options.viewers.note(name, streams, analytics);
      this.#options.absence.note(name, analytics);
      this.#options.analytics.note(name, analytics);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      logger.warn({ reason: error.reason }, `viewer counts are unavailable: ${error.message}`);
    }
  }

  async #sweep(
    platform: OpenPlatform,
    streams: readonly ObservedStream[],
    signal: AbortSignal,
  ): Promise<readonly ObservedStream[]> {
    const { events, sweep, platforms } = this.#options;
    const known = new Set(platforms.list().map(({ metadata }) => metadata.name));
    const { orphans, deleted } = await sweep.run(platform, streams, known, signal);
    const emit = (reason: Reason, text: string): void => {
      events.event(platform.resource, 'Warning', reason, text);
    };
    const orphanIds = orphans
      .map(({ id }) => id)
      .sort()
      .join();
    if (orphans.length > 0 && this.#reported.get(platform.name) !== orphanIds)
      emit(
        'OrphanedStreams',
        `Streams without a LiveChannel: ${names(orphans)}. Set spec.orphanPolicy to Delete to delete them.`,
      );
    this.#reported.set(platform.name, orphanIds);
    if (deleted.length > 0)
      emit('OrphanedStreamDeleted', `Deleted streams without a LiveChannel: ${names(deleted)}`);
    return orphans;
  }

  async #report(resource: StreamingPlatform, checked: PlatformChecked, signal: AbortSignal): Promise<void> {
    const { client, clock, events, metrics, channels } = this.#options;
    const { name, deletionTimestamp } = resource.metadata;
    const users = deletionTimestamp === undefined ? [] : usersOf(name, channels.list());
    const status = describePlatform(resource, checked, users, clock.now());
    metrics.platformReady.set({ platform: name }, checked.problem === undefined ? 1 : 0);
    if (checked.streams !== undefined)
      metrics.platformStreams.set({ platform: name }, checked.streams.length);
    if (checked.orphans !== undefined)
      metrics.orphanedStreams.set({ platform: name }, checked.orphans.length);

    const before = findCondition(resource.status?.conditions, 'Ready');
    const after = findCondition(status.conditions, 'Ready');
    await writeStatus(client, streamingPlatformType, resource, status, { signal });
    const event =
      after?.reason === 'InUse' ? before?.message !== after.message : before?.reason !== after?.reason;
    if (!event || !isReason(after?.reason)) return;
    events.event(resource, after.status === 'True' ? 'Normal' : 'Warning', after.reason, after.message);
  }

  #forget(name: string): void {
    const { directory, metrics, viewers, absence, analytics } = this.#options;
    for (const each of [directory, viewers, absence, analytics]) each.forget(name);
    this.#reported.delete(name);
    for (const gauge of [metrics.platformReady, metrics.platformStreams, metrics.orphanedStreams])
      gauge.remove({ platform: name });
  }
}

function asProblem({ reason, message }: PlatformError): Problem {
  return { reason, message };
}

function names(streams: readonly ObservedStream[]): string {
  const shown = streams
    .slice(0, 5)
    .map(({ id, owner }) => `${id} (created for ${owner?.channel ?? 'an unknown channel'})`);
  const more = streams.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
