import type { LiveChannel } from '../../api/live-channel.ts';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import type { Reason } from '../../api/reasons.ts';
import type { SampledChannel } from '../recording/sampler.ts';

/** Annotations by key; null: the annotation must be absent. */
export type DesiredAnnotations = Readonly<Record<string, string | null>>;

/** Decides the values of a channel's annotations with each sample. */
export interface AnnotationPolicy {
  /** Values of the keys that this policy owns; a key that is left out stays as it is. */
  desired(sampled: SampledChannel): DesiredAnnotations;
  /** Discards what is remembered of the channel, which was deleted. */
  forget(channel: LiveChannel): void;
}

/** Emits a Kubernetes event about the channel or platform. */
export type EmitEvent = (
  object: LiveChannel | StreamingPlatform,
  type: 'Normal' | 'Warning',
  reason: Reason,
  message: string,
) => void;
