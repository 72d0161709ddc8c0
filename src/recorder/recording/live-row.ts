import { LIVE_NUMBERS_VALID_MS, type RelayNumbers } from '../../api/live-numbers.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import type { RelayReport } from '../../api/relay-contract.ts';
import { isOnAirOrWanted } from '../../channel/desired/resources.ts';
import type { LiveRow } from '../../store/store.ts';
import { channelKey, type Seen } from './take-sample.ts';

/** What is measured of a channel now; undefined: it is off air, as it should be. */
export function liveRowOf(channel: LiveChannel, seen: Seen, now: Date): LiveRow | undefined {
  if (!isOnAirOrWanted(channel)) return undefined;
  const { report, reportedAt, agoraViewers, hlsViewers } = seen;
  const isRecent = reportedAt !== undefined && now.getTime() - reportedAt.getTime() <= LIVE_NUMBERS_VALID_MS;
  return {
    ...channelKey(channel),
    at: now,
    agoraViewers,
    hlsViewers,
    report: report !== undefined && isRecent ? relayNumbers(channel, report, reportedAt) : undefined,
  };
}

function relayNumbers({ status }: LiveChannel, report: RelayReport, at: Date): RelayNumbers {
  const { videoOutput, host, mode, congestion, width, height, keyframeIntervalSeconds } = report;
  const { avOffsetMs, lagMs, packetLossPercent, jitterMs, health } = report;
  return {
    at: at.toISOString(),
    picture: videoOutput,
    host: host === null ? null : { video: host.video, audio: host.audio },
    mode,
    inBitrateKbps: Math.round(report.inBitrateKbps),
    outBitrateKbps: Math.round(report.outBitrateKbps),
    frameRate: Math.round(10 * report.frameRate) / 10,
    ...{ width, height, keyframeIntervalSeconds, avOffsetMs, lagMs, packetLossPercent, jitterMs },
    congestion: congestion?.step ?? 'full',
    congestionMessage: congestion?.message ?? '',
    restarts: status?.relay?.restarts ?? 0,
    health,
  };
}

/** Whether anything is known of the channel. */
export function isKnown({ agoraViewers, hlsViewers, report }: LiveRow): boolean {
  return agoraViewers !== undefined || hlsViewers !== undefined || report !== undefined;
}
