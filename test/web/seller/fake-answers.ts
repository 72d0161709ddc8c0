/** Answers of the service, as its contract has them. */

export function sellerChannel(changes: object = {}, relay: object = {}): object {
  return {
    id: 'show 1',
    streamMode: 'hybrid',
    effectiveStreamMode: 'hybrid',
    platform: 'ivs',
    deleting: false,
    conditions: [
      { type: 'RelayReady', status: 'True', reason: 'Live', message: '', since: '2026-01-01T00:00:00Z' },
    ],
    relay: { isActive: true, wanted: true, status: 'active', idleSince: null, ...relay },
    ...changes,
  };
}

export function numbersEvent(channel: object = {}, media: object | null = {}): object {
  return {
    at: '2026-01-01T00:00:10.000Z',
    channels: [
      {
        channelId: 'show 1',
        at: '2026-01-01T00:00:10.000Z',
        agoraViewers: 12,
        hlsViewers: 412,
        bitrateKbps: 2_500,
        health: 'good',
        media: media && {
          at: '2026-01-01T00:00:09.000Z',
          picture: 'live',
          host: { video: true, audio: true },
          mode: 'passthrough',
          inBitrateKbps: 2_500,
          outBitrateKbps: 2_600,
          frameRate: 30,
          width: 1_280,
          height: 720,
          keyframeIntervalSeconds: 2,
          avOffsetMs: -20,
          lagMs: 200,
          packetLossPercent: 0,
          jitterMs: 4,
          congestion: 'full',
          congestionMessage: '',
          restarts: 0,
          ...media,
        },
        ...channel,
      },
    ],
  };
}

const figures = {
  sessions: 44,
  playingSeconds: 1_200,
  stalledRatio: 0.002,
  stallsPerHour: 0.5,
  startupP50: 1.1,
  startupP95: 2,
  latencyP50: 5,
  latencyP95: 7,
  droppedRatio: 0,
  fatal: 0,
};

export function qoeView(changes: object = {}): object {
  return {
    from: '2026-01-01T00:00:00Z',
    to: '2026-01-01T01:00:00Z',
    connected: 46,
    watching: 41,
    ...figures,
    minutes: [{ at: '2026-01-01T00:59:00Z', ...figures }],
    platforms: [],
    browsers: [],
    ...changes,
  };
}

export const metricsView = {
  points: [
    {
      at: '2026-01-01T00:58:00Z',
      agoraViewers: 10,
      hlsViewers: null,
      hlsViewersMost: null,
      bitrateKbps: 2_400,
      health: 'good',
      samples: 6,
      gaps: 0,
    },
  ],
};

export const deliveryView = {
  options: [
    { mode: 'agora-only', usdPerThousandViewerMinutes: 3.99, usdPerHour: 0, delaySeconds: 1 },
    { mode: 'hls-only', usdPerThousandViewerMinutes: 0.45, usdPerHour: 0.3, delaySeconds: 6 },
  ],
  chosen: 'hls-only',
  breakEvenViewers: 3,
};
