import type { MediaMode } from '../../api/values.ts';
import type { Congestion } from './congestion.ts';

/**
 * What is said about congestion, for the report and the condition; empty at full quality. Its figures are those of the
 * step, so it changes only with a step.
 */
export function congestionMessage(
  { step, acceptedKbps, offeredKbps, hindrance, smallStream }: Congestion,
  mode: MediaMode,
): string {
  // Whether there is a small stream is known within seconds; until then nothing is said that may not come true.
  if (step.kind === 'full' || (step.kind === 'small-stream' && smallStream !== 'present')) return '';
  const sender = mode === 'passthrough' ? 'the host' : 'the relay';
  const less =
    `The ingest accepts about ${megabits(acceptedKbps)} Mbit/s, ` +
    `less than ${sender} sends (${megabits(offeredKbps)} Mbit/s).`;
  switch (step.kind) {
    case 'small-stream':
      return `${less} The relay sends the host's small stream.`;
    case 'transcode':
      return `${less} The relay transcodes video to ${megabits(step.videoBitrateKbps)} Mbit/s.`;
    case 'frame-drop':
      return `${less} The relay drops frames: ${WHY_DROP[hindrance ?? 'mode']}`;
  }
}

const WHY_DROP = {
  mode: 'spec.relay.mode is passthrough, and the host publishes no small stream.',
  cpu: 'it has too little CPU to transcode.',
} as const;

const megabits = (kbps: number): string => (kbps / 1_000).toFixed(1);
