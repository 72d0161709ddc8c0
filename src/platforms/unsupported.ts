import { PlatformError } from './errors.ts';
import type { PlatformCapabilities, PlaybackOptions } from './platform.ts';

/** What of the options the platform does not offer, in the words of the spec. Empty: all is well. */
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

/** A stream that was asked to be signed must not come out public, nor one to be recorded unrecorded. */
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
