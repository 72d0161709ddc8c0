import type { PlatformCapabilities } from '../platform.ts';
import type { IvsChannelType } from './ivs-spec.ts';

/** Leaves room for the sound below what IVS takes of both together; it disconnects at once whoever sends more. */
const AUDIO_KBPS = 320;

/** kbit/s of video and audio together, up to 1080p (AWS, Streaming Configuration: Channel Types). */
const ingestKbps: Readonly<Record<IvsChannelType, number>> = {
  BASIC: 3_500,
  STANDARD: 8_500,
  ADVANCED_SD: 8_500,
  ADVANCED_HD: 8_500,
};

export interface IvsFeatures {
  readonly channelType: IvsChannelType;
  readonly recording: boolean;
  readonly signedPlayback: boolean;
  readonly limits: {
    readonly maxStreams?: number | undefined;
    readonly maxVideoBitrateKbps?: number | undefined;
  };
}

export function ivsCapabilities(features: IvsFeatures): PlatformCapabilities {
  const { channelType, recording, signedPlayback, limits } = features;
  const allowed = ingestKbps[channelType] - AUDIO_KBPS;
  return {
    latencies: ['standard', 'low'],
    recording,
    signedPlayback,
    takeover: 'ivs-priority',
    keyframeSeconds: { min: 1, max: 5 },
    maxHeight: 1080,
    maxVideoBitrateKbps: Math.min(allowed, limits.maxVideoBitrateKbps ?? allowed),
    // A publisher that takes over must send what the one before it sent, or it is refused (StreamTakeoverMediaMismatch).
    sizeChange: 'new-session',
    constantBitrate: true,
    // CreateChannel has no token of the client's, and names need not be unique.
    idempotentCreate: false,
    settleSeconds: 30,
    // 5,000 channels in a region unless AWS raised it, which only AWS knows.
    maxStreams: limits.maxStreams,
  };
}
