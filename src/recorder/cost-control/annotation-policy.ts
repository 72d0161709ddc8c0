import type { LiveChannel } from '../../api/live-channel.ts';
import type { Reason } from '../../api/reasons.ts';
import type { SampledChannel } from '../recording/sampler.ts';

/** Annotations by key; null: there must be none. */
export type DesiredAnnotations = Readonly<Record<string, string | null>>;

/** Decides, sample by sample, what annotations of a channel should say. */
export interface AnnotationPolicy {
  /** The keys that this policy owns; a key that is left out stays as it is. */
  desired(sampled: SampledChannel): DesiredAnnotations;
  /** The channel was deleted. */
  forget(channel: LiveChannel): void;
}

/** Emits a Kubernetes event about the channel. */
export type EmitEvent = (
  channel: LiveChannel,
  type: 'Normal' | 'Warning',
  reason: Reason,
  message: string,
) => void;
