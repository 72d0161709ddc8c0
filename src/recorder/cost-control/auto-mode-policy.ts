import { modeDecision, type ModeDecision } from '../../api/annotations/cost-decisions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import type { ModeMemory } from '../../costs/choose-mode.ts';
import type { SampledChannel } from '../recording/sampler.ts';
import type { AnnotationPolicy, DesiredAnnotations, EmitEvent } from './annotation-policy.ts';
import type { CurrentMode, ModeChoice } from './mode-decision.ts';

export interface AutoModePolicyOptions {
  readonly choose: (sampled: SampledChannel, current: CurrentMode) => ModeChoice;
  /** Time between publishing a decision and sending viewers to Agora, in milliseconds, so that apps can prepare. */
  readonly graceMs: number;
  readonly event: EmitEvent;
  readonly onSwitch: (mode: ModeDecision['mode']) => void;
}

/** Maintains the decision of `streamMode: auto`: viewers on Agora alone or also on HLS, whichever costs less. */
export class AutoModePolicy implements AnnotationPolicy {
  readonly #options: AutoModePolicyOptions;
  /** Last decision by channel uid; the annotation in the cache may be older. */
  readonly #last = new Map<string, ModeDecision>();
  readonly #memories = new Map<string, ModeMemory>();

  constructor(options: AutoModePolicyOptions) {
    this.#options = options;
  }

  desired(sampled: SampledChannel): DesiredAnnotations {
    const { channel, at } = sampled;
    const { uid } = channel.metadata;
    if (channel.spec.streamMode !== 'auto') {
      this.forget(channel);
      return { [annotations.mode]: null };
    }
    const last = this.#last.get(uid) ?? modeDecision(channel);
    const mode = last?.mode ?? 'hybrid'; // as the controllers assume until there is a decision
    const change = channel.spec.suspend ? undefined : this.#choose(sampled, mode, last);
    const decision =
      change === undefined || change.mode === last?.mode ? last : this.#decided(channel, change, at);
    if (decision === undefined) return {};
    this.#last.set(uid, decision);
    if (decision.mode !== mode) this.#notify(channel, decision);
    return { [annotations.mode]: JSON.stringify(decision) };
  }

  forget({ metadata: { uid } }: LiveChannel): void {
    this.#last.delete(uid);
    this.#memories.delete(uid);
  }

  #choose(
    sampled: SampledChannel,
    mode: ModeDecision['mode'],
    last: ModeDecision | undefined,
  ): ModeChoice['change'] {
    const { uid } = sampled.channel.metadata;
    const since = last === undefined ? undefined : new Date(last.decidedAt);
    const choice = this.#options.choose(sampled, { mode, since, memory: this.#memories.get(uid) });
    this.#memories.set(uid, choice.memory);
    return choice.change;
  }

  #decided(
    { metadata }: LiveChannel,
    change: NonNullable<ModeChoice['change']>,
    decidedAt: Date,
  ): ModeDecision {
    const graceMs = change.mode === 'agora-only' ? this.#options.graceMs : 0;
    return {
      channel: metadata.uid,
      ...change,
      decidedAt: decidedAt.toISOString(),
      at: new Date(decidedAt.getTime() + graceMs).toISOString(),
    };
  }

  #notify(channel: LiveChannel, { mode, reason, message }: ModeDecision): void {
    this.#options.event(channel, 'Normal', reason, message);
    this.#options.onSwitch(mode);
  }
}
