import { findCondition } from '../../api/conditions.ts';
import type { Logger } from '../../base/logger.ts';
import type { LiveChannel, LiveChannelStatus } from '../../api/live-channel.ts';
import { describeChannel } from '../../channel/status/status.ts';
import { requeueAfter } from '../../channel/plan/requeue-after.ts';
import { nextStep, type Step } from '../../channel/plan/next-step.ts';
import { eventsFor } from '../../channel/status/events.ts';
import { ApiError } from '../../kube/errors.ts';
import { keyOf, type ObjectRef } from '../../kube/resource.ts';
import { sameOnTheWire } from '../../kube/status.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { RelayHealthPoller } from '../relays/relay-health-poller.ts';
import type { OperatorMetrics } from '../metrics.ts';
import { liveChannelType } from '../../api/kinds.ts';
import { runStep } from './steps/run-step.ts';
import { collectGarbage } from './garbage-collect.ts';
import { deferralKey, type DeferredSteps } from './deferred-steps.ts';
import { observe, type ObserveDeps } from './observe.ts';
import { withFailure, type ChannelState } from './state.ts';
import type { StepOutcome, ReconcilerDeps } from './deps.ts';

/** More steps than any start or migration needs: a guard against endless loops. */
const MAX_STEPS = 30;

export interface ChannelReconcilerOptions {
  readonly deps: Omit<ReconcilerDeps, 'event'>;
  readonly observeDeps: ObserveDeps;
  readonly poller: Pick<RelayHealthPoller, 'follow'>;
  readonly events: EventRecorder;
  readonly metrics: OperatorMetrics;
}

/** Brings one LiveChannel to its desired state, and reports the observed state in its status. */
export class ChannelReconciler {
  readonly #options: ChannelReconcilerOptions;

  constructor(options: ChannelReconcilerOptions) {
    this.#options = options;
  }

  /** Reconciles once. Returns when to reconcile again; undefined if only an event requires it. */
  async reconcile(
    ref: ObjectRef,
    context: { readonly signal: AbortSignal; readonly logger: Logger },
  ): Promise<{ requeueAfterMs: number } | undefined> {
    const { signal } = context;
    const { objects } = this.#options.deps;
    for (const removed of objects.removedWithoutFinalizer(ref)) {
      const deps = this.#depsFor(removed);
      const { requeueAfterMs } = await collectGarbage({ channel: removed, deps, signal });
      if (requeueAfterMs !== undefined) return { requeueAfterMs };
      objects.collected(removed);
    }
    const channel = objects.channel(ref);
    if (channel === undefined) {
      this.#options.poller.follow(ref, [], false);
      return undefined; // deleted: Kubernetes deletes its children
    }
    try {
      const { state, outcome } = await this.#runSteps(channel, context);
      this.#pollRelays(state);
      if (outcome.released === true) return undefined; // the channel has nothing left that this operator manages
      const status = await this.#writeStatus(state, signal);
      if (status === undefined) return undefined; // released: its deletion is under way
      const requeue = requeueAfter(state.observed, outcome.requeueAfterMs, this.#options.deps.clock.now());
      context.logger.debug({ requeue }, 'channel reconciled');
      return { requeueAfterMs: requeue.afterMs };
    } catch (error) {
      const lost = error instanceof ApiError && (error.isConflict || error.isNotFound);
      if (lost && !(await this.#exists(channel, signal))) return undefined; // the cache will soon show its deletion
      throw error;
    }
  }

  /** The relay on air and its standby are polled more often than a channel is reconciled. */
  #pollRelays({ observed: { channel, streams } }: ChannelState): void {
    const active = streams.find(({ record }) => record.role === 'active');
    const pods = [active?.pod, active?.standby?.pod].filter((pod) => pod?.running === true && !pod.deleting);
    this.#options.poller.follow(
      channel.metadata,
      pods.filter((pod) => pod !== undefined),
      active?.standby !== undefined,
    );
  }

  /** Takes one step after another, and observes the channel again after each. */
  async #runSteps(
    channel: LiveChannel,
    { signal, logger }: { signal: AbortSignal; logger: Logger },
  ): Promise<{ state: ChannelState; outcome: StepOutcome }> {
    const { observeDeps } = this.#options;
    const deps = this.#depsFor(channel);
    const deferred: DeferredSteps = new Map();
    let requeueAfterMs: number | undefined;
    let state = await observe(channel, observeDeps, deferred, signal);
    for (let taken = 0; taken < MAX_STEPS; taken += 1) {
      const step = nextStep(state.observed, observeDeps.policy, deps.clock.now());
      if (step.do === 'none')
        return { state, outcome: requeueAfterMs === undefined ? {} : { requeueAfterMs } };
      logger.info({ step: loggable(step) }, 'channel step');
      const outcome = await runStep({ state, channel: state.observed.channel, deps, signal }, step);
      if (outcome.requeueAfterMs !== undefined)
        requeueAfterMs = Math.min(requeueAfterMs ?? Infinity, outcome.requeueAfterMs);
      const now = deps.objects.channel(channel.metadata);
      // Released or deleted: an event triggers the next reconcile.
      if (outcome.released === true || now?.metadata.uid !== channel.metadata.uid)
        return { state, outcome: { released: true } };
      if (outcome.failed !== undefined || outcome.requeueAfterMs !== undefined) {
        const key = deferralKey(step);
        if (key === undefined)
          return { state: outcome.failed ? withFailure(state, outcome.failed) : state, outcome };
        deferred.set(key, { failure: outcome.failed });
      }
      state = await observe(now, observeDeps, deferred, signal);
    }
    throw new Error(`LiveChannel ${keyOf(channel.metadata)} still has steps to take after ${MAX_STEPS}`);
  }

  #depsFor(channel: LiveChannel): ReconcilerDeps {
    const { deps, events } = this.#options;
    return {
      ...deps,
      event: (type, reason, message) => {
        events.event(channel, type, reason, message);
      },
    };
  }

  async #exists({ metadata }: LiveChannel, signal: AbortSignal): Promise<boolean> {
    const there = await this.#options.deps.client.get(liveChannelType, metadata, { signal });
    return there?.metadata.uid === metadata.uid;
  }

  /**
   * Writes the status if it has changed, and emits its events. Undefined when the channel has been released: its status
   * can no longer be written.
   */
  async #writeStatus(state: ChannelState, signal: AbortSignal): Promise<LiveChannelStatus | undefined> {
    const { deps, events, metrics } = this.#options;
    const { channel } = state.observed;
    const deleting = channel.metadata.deletionTimestamp !== undefined;
    if (deleting && (channel.metadata.finalizers ?? []).length === 0) return undefined;
    const status = describeChannel(state.observed, deps.objects.replacementReason(channel), deps.clock.now());
    // The records are written by themselves, and by another field manager.
    const { streams: _streams, ...before } = channel.status ?? {};
    if (sameOnTheWire(before, status)) return status;
    const { namespace, name, uid } = channel.metadata;
    const applied = { metadata: { namespace, name, uid }, status };
    deps.objects.rememberChannel(await deps.client.applyStatus(liveChannelType, applied, { signal }));

    for (const { type, reason, message } of eventsFor(channel.status, status))
      events.event(channel, type, reason, message);
    const restarts = (status.relay?.restarts ?? 0) - (before.relay?.restarts ?? 0);
    if (restarts > 0) metrics.restarts.inc({ reason: status.relay?.lastRestartReason ?? '' }, restarts);
    const relayReady = findCondition(channel.status?.conditions, 'RelayReady');
    if (status.relayStatus === 'active' && channel.status?.relayStatus === 'starting' && relayReady)
      metrics.startSeconds.observe(
        (deps.clock.now().getTime() - Date.parse(relayReady.lastTransitionTime)) / 1_000,
      );
    return status;
  }
}

/** A step for the log, with names instead of objects. */
function loggable(step: Step): object {
  if (step.do === 'record') return { do: step.do, records: step.records };
  if ('pod' in step) return { ...step, pod: step.pod.name };
  return step;
}
