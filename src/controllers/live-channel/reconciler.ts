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
import { observe, withFailure, type ObserveDeps, type ChannelState } from './observe.ts';
import type { StepOutcome, ReconcilerDeps } from './deps.ts';

/** More steps than any way from nothing to on air, or from here to there, takes: a guard against going in circles. */
const maxSteps = 30;

export interface ChannelReconcilerOptions {
  readonly deps: Omit<ReconcilerDeps, 'event'>;
  readonly observeDeps: ObserveDeps;
  readonly poller: Pick<RelayHealthPoller, 'follow'>;
  readonly events: EventRecorder;
  readonly metrics: OperatorMetrics;
}

/** Brings one LiveChannel to where it should be, and says in its status where it is. */
export class ChannelReconciler {
  readonly #options: ChannelReconcilerOptions;

  constructor(options: ChannelReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(
    ref: ObjectRef,
    context: { readonly signal: AbortSignal; readonly logger: Logger },
  ): Promise<{ requeueAfterMs: number } | undefined> {
    const { signal } = context;
    const { objects } = this.#options.deps;
    for (const vanished of objects.removedWithoutFinalizer(ref)) {
      const { requeueAfterMs: againAfterMs } = await collectGarbage(
        vanished,
        this.#depsFor(vanished),
        signal,
      );
      if (againAfterMs !== undefined) return { requeueAfterMs: againAfterMs };
      objects.collected(vanished);
    }
    const channel = objects.channel(ref);
    if (channel === undefined) {
      this.#options.poller.follow(ref, [], false);
      return undefined; // gone; its children go with it
    }
    try {
      const { state, outcome } = await this.#runSteps(channel, context);
      this.#pollRelays(state);
      if (outcome.released === true) return undefined; // nothing of ours is left to look after
      const status = await this.#writeStatus(state, signal);
      if (status === undefined) return undefined;
      const requeue = requeueAfter(state.observed, outcome.requeueAfterMs, this.#options.deps.clock.now());
      context.logger.debug({ requeue }, 'channel reconciled');
      return { requeueAfterMs: requeue.afterMs };
    } catch (error) {
      const lost = error instanceof ApiError && (error.isConflict || error.isNotFound);
      if (lost && !(await this.#exists(channel, signal))) return undefined; // the cache will tell, too
      throw error;
    }
  }

  /** The relay that is on air, and the one beside it, are asked more often than this comes round. */
  #pollRelays({ observed: { channel, streams } }: ChannelState): void {
    const active = streams.find(({ record }) => record.role === 'active');
    const pods = [active?.pod, active?.standby?.pod].filter((pod) => pod?.running === true && !pod.deleting);
    this.#options.poller.follow(
      channel.metadata,
      pods.filter((pod) => pod !== undefined),
      active?.standby !== undefined,
    );
  }

  /** Takes step after step, looking anew after each. */
  async #runSteps(
    channel: LiveChannel,
    { signal, logger }: { signal: AbortSignal; logger: Logger },
  ): Promise<{ state: ChannelState; outcome: StepOutcome }> {
    const { deps: tools, observeDeps: observers } = this.#options;
    const toolsForIt = this.#depsFor(channel);
    const holds: DeferredSteps = new Map();
    let againAfterMs: number | undefined;
    let state = await observe(channel, observers, holds, signal);
    for (let taken = 0; taken < maxSteps; taken += 1) {
      const step = nextStep(state.observed, observers.policy, tools.clock.now());
      if (step.do === 'none')
        return { state, outcome: againAfterMs === undefined ? {} : { requeueAfterMs: againAfterMs } };
      logger.info({ step: shown(step) }, 'channel step');
      const outcome = await runStep(step, state, toolsForIt, signal);
      if (outcome.requeueAfterMs !== undefined)
        againAfterMs = Math.min(againAfterMs ?? Infinity, outcome.requeueAfterMs);
      const now = tools.objects.channel(channel.metadata);
      // Let go, or vanished: then that is looked at next.
      if (outcome.released === true || now?.metadata.uid !== channel.metadata.uid)
        return { state, outcome: { released: true } };
      if (outcome.failed !== undefined || outcome.requeueAfterMs !== undefined) {
        const key = deferralKey(step);
        if (key === undefined)
          return { state: outcome.failed ? withFailure(state, outcome.failed) : state, outcome };
        holds.set(key, { failure: outcome.failed });
      }
      state = await observe(now, observers, holds, signal);
    }
    throw new Error(`LiveChannel ${keyOf(channel.metadata)} is not at rest after ${String(maxSteps)} steps`);
  }

  #depsFor(channel: LiveChannel): ReconcilerDeps {
    const { deps: tools, events } = this.#options;
    return {
      ...tools,
      event: (type, reason, message) => {
        events.event(channel, type, reason, message);
      },
    };
  }

  async #exists({ metadata }: LiveChannel, signal: AbortSignal): Promise<boolean> {
    const there = await this.#options.deps.client.get(liveChannelType, metadata, { signal });
    return there?.metadata.uid === metadata.uid;
  }

  /** Undefined when the channel has been let go: then there is nothing left to write to. */
  async #writeStatus(state: ChannelState, signal: AbortSignal): Promise<LiveChannelStatus | undefined> {
    const { deps: tools, events, metrics } = this.#options;
    const { channel } = state.observed;
    const deleting = channel.metadata.deletionTimestamp !== undefined;
    if (deleting && (channel.metadata.finalizers ?? []).length === 0) return undefined;
    const status = describeChannel(
      state.observed,
      tools.objects.replacementReason(channel),
      tools.clock.now(),
    );
    if (sameOnTheWire(channel.status ?? {}, status)) return status;
    const { namespace, name, uid } = channel.metadata;
    const stated = { metadata: { namespace, name, uid }, status };
    tools.objects.rememberChannel(await tools.client.applyStatus(liveChannelType, stated, { signal }));

    for (const { type, reason, message } of eventsFor(channel.status, status))
      events.event(channel, type, reason, message);
    const before = channel.status?.relay?.restarts ?? 0;
    const after = status.relay?.restarts ?? 0;
    if (after > before)
      metrics.restarts.inc({ reason: status.relay?.lastRestartReason ?? '' }, after - before);
    const waitedSince = findCondition(channel.status?.conditions, 'RelayReady');
    if (status.relayStatus === 'active' && channel.status?.relayStatus === 'starting' && waitedSince)
      metrics.startSeconds.observe(
        (tools.clock.now().getTime() - Date.parse(waitedSince.lastTransitionTime)) / 1_000,
      );
    return status;
  }
}

/** A step for the log: what it carries of objects by their names. */
function shown(step: Step): object {
  if (step.do === 'record') return { do: step.do, records: step.records };
  if ('pod' in step) return { ...step, pod: step.pod.name };
  return step;
}
