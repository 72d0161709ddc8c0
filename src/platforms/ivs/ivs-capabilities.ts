import type { PlatformCapabilities } from '../platform.ts';
import type { IvsChannelType } from './ivs-spec.ts';

/** Reserved for audio. IVS limits the sum of video and audio, and disconnects a publisher that exceeds it. */
const AUDIO_KBPS = 320;

/** Limit of video and audio together in kbit/s, up to 1080p (AWS, Streaming Configuration: Channel Types). */
const INGEST_KBPS: Readonly<Record<IvsChannelType, number>> = {
  BASIC: 3_500,
  STANDARD: 8_500,
  ADVANCED_SD: 8_500,
  ADVANCED_HD: 8_500,
};

/** The configuration of a StreamingPlatform that its capabilities depend on. */
export interface IvsFeatures {
  readonly channelType: IvsChannelType;
  readonly recording: boolean;
  readonly signedPlayback: boolean;
  readonly limits: {
    readonly maxStreams?: number | undefined;
    readonly maxVideoBitrateKbps?: number | undefined;
  };
}

/** The capabilities of a StreamingPlatform at Amazon IVS. */
export function ivsCapabilities(features: IvsFeatures): PlatformCapabilities {
  const { channelType, recording, signedPlayback, limits } = features;
  const allowed = INGEST_KBPS[channelType] - AUDIO_KBPS;
  return {
    latencies: ['standard', 'low'],
    recording,
    signedPlayback,
    takeover: 'ivs-priority',
    keyframeSeconds: { min: 1, max: 5 },
    maxHeight: 1080,
    maxVideoBitrateKbps: Math.min(allowed, limits.maxVideoBitrateKbps ?? allowed),
    // IVS refuses a takeover whose media format differs from the previous session (StreamTakeoverMediaMismatch).
    sizeChange: 'new-session',
    constantBitrate: true,
    // CreateChannel accepts no idempotency token, and channel names need not be unique.
    idempotentCreate: false,
    settleSeconds: 30,
    // The quota is 5,000 channels per region, unless AWS raised it. The API does not return it.
    maxStreams: limits.maxStreams,
  };
}
