import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import { modeDecision, type ModeDecision } from '../../api/annotations/cost-decisions.ts';
import type { DesiredAnnotations } from './annotator.ts';
import type { EmitEvent } from './budget-keeper.ts';
import type { AnnotationPolicy } from './cost-controller.ts';
import type { SampledChannel } from '../recording/sampler.ts';

/** What a decision is made from. */
export interface ModeQuestion<Memory> {
  readonly turn: SampledChannel;
  readonly mode: ModeDecision['mode'];
  /** Since when that mode is decided; undefined where nobody decided yet. */
  readonly since: Date | undefined;
  /** What the decision before left to be remembered; undefined at first, and with a new leader. */
  readonly memory: Memory | undefined;
}

export interface ModeAnswer<Memory> {
  readonly memory: Memory;
  /** Undefined where it stays as it is. */
  readonly choice: Pick<ModeDecision, 'mode' | 'reason' | 'message'> | undefined;
}

export interface AutoModePolicyOptions<Memory> {
  readonly choose: (question: ModeQuestion<Memory>) => ModeAnswer<Memory>;
  /** So long before viewers are sent to Agora alone the app is told. */
  readonly graceMs: number;
  readonly event: EmitEvent;
  readonly onSwitch: (mode: ModeDecision['mode']) => void;
}

/** Looks after `streamMode: auto`: on Agora alone, or on HLS too, whichever costs less. */
export class AutoModePolicy<Memory> implements AnnotationPolicy {
  readonly #options: AutoModePolicyOptions<Memory>;
  /** By channel uid; the annotation may be behind. */
  readonly #last = new Map<string, ModeDecision>();
  readonly #memories = new Map<string, Memory>();

  constructor(options: AutoModePolicyOptions<Memory>) {
    this.#options = options;
  }

  desired(turn: SampledChannel): DesiredAnnotations {
    const { channel, at } = turn;
    const { uid } = channel.metadata;
    if (channel.spec.streamMode !== 'auto') {
      this.forget(channel);
      return { [annotations.mode]: null };
    }
    const last = this.#last.get(uid) ?? modeDecision(channel);
    const memory = this.#memories.get(uid);
    const mode = last?.mode ?? 'hybrid'; // as the operator does until somebody decides
    const since = last === undefined ? undefined : new Date(last.decidedAt);
    const answer = channel.spec.suspend ? undefined : this.#options.choose({ turn, mode, since, memory });
    if (answer !== undefined) this.#memories.set(uid, answer.memory);
    const choice =
      answer?.choice === undefined || answer.choice.mode === last?.mode
        ? last
        : this.#decided(channel, answer.choice, at);
    if (choice === undefined) return {};
    this.#last.set(uid, choice);
    if (choice.mode !== mode) this.#notify(channel, choice);
    return { [annotations.mode]: JSON.stringify(choice) };
  }

  forget({ metadata: { uid } }: LiveChannel): void {
    this.#last.delete(uid);
    this.#memories.delete(uid);
  }

  #decided(
    { metadata }: LiveChannel,
    choice: Pick<ModeDecision, 'mode' | 'reason' | 'message'>,
    at: Date,
  ): ModeDecision {
    const grace = choice.mode === 'agora-only' ? this.#options.graceMs : 0;
    return {
      channel: metadata.uid,
      ...choice,
      decidedAt: at.toISOString(),
      at: new Date(at.getTime() + grace).toISOString(),
    };
  }

  #notify(channel: LiveChannel, { mode, reason, message }: ModeDecision): void {
    this.#options.event(channel, 'Normal', reason, message);
    this.#options.onSwitch(mode);
  }
}
