import type { RecordingServices } from './recording-services.ts';
import { channelOnAir } from './recording-services.ts';

const option = { usdPerHour: 0.3, delaySeconds: 6 };

/** Channel 4711 is on air at this address, and its relay has just reported. */
export function putOnAir(services: RecordingServices, playbackUrl: string): void {
  const { playback } = services;
  services.playback = async (...given) => ({ ...(await playback(...given)), hlsUrl: playbackUrl });
  const channel = { ...channelOnAir, playbackUrl };
  services.channel = async () => ({ value: channel, etag: '"1"' });
  services.deliveryOptions = async () => ({
    options: [
      { ...option, mode: 'agora-only', usdPerThousandViewerMinutes: 3.99, usdPerHour: 0, delaySeconds: 1 },
      { ...option, mode: 'hybrid', usdPerThousandViewerMinutes: 0.45 },
    ],
    chosen: 'hybrid',
    breakEvenViewers: 3,
  });
  const at = new Date().toISOString();
  services.past.push(
    { type: 'snapshot', id: '1', channel },
    {
      type: 'numbers',
      id: '1',
      at,
      channels: [
        {
          ...{ channelId: '4711', at, agoraViewers: 12, hlsViewers: 400, bitrateKbps: 2_500, health: 'good' },
          media: {
            ...{ at, picture: 'live', host: { video: true, audio: true }, mode: 'passthrough', restarts: 0 },
            ...{ inBitrateKbps: 2_500, outBitrateKbps: 2_600, frameRate: 30, width: 1_280, height: 720 },
            ...{ keyframeIntervalSeconds: 2, avOffsetMs: 0, lagMs: 200, packetLossPercent: 0, jitterMs: 1 },
            ...{ congestion: 'full', congestionMessage: '' },
          },
        },
      ],
    },
  );
}
