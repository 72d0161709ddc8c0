import { PlatformError } from './errors.ts';
import type { PlatformCapabilities, PlaybackOptions } from './platform.ts';

/** The options that the platform does not support, described with the names of the spec's fields. Empty if none. */
export function unsupportedOptions(
  { latency, access, recording }: PlaybackOptions,
  { latencies, signedPlayback, recording: records }: PlatformCapabilities,
): readonly string[] {
  return [
    ...(latencies.includes(latency) ? [] : [`playback.latency ${latency} (it has: ${latencies.join(', ')})`]),
    ...(access === 'signed' && !signedPlayback ? ['playback.access signed (it has: public)'] : []),
    ...(recording === 'automatic' && !records ? ['playback.recording automatic (it has: off)'] : []),
  ];
}

/**
 * Throws InvalidConfiguration if the platform does not support the options. Otherwise a stream that must be signed could
 * be created public, or one that must be recorded would not be recorded.
 */
export function refuseUnsupported(
  provider: string,
  options: PlaybackOptions,
  capabilities: PlatformCapabilities,
): void {
  const lacking = unsupportedOptions(options, capabilities);
  if (lacking.length === 0) return;
  throw new PlatformError(
    'InvalidConfiguration',
    `${provider} does not offer ${lacking.join(', nor ')}. Change the channel's spec or its platform.`,
    { retryable: false },
  );
}
