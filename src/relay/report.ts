import type { DropReason, RelayReport, RelayState } from '../api/relay-contract.ts';
import type { Decision } from './decide.ts';
import type { Facts, Fault } from './facts.ts';
import { congestionMessage } from './congestion/message.ts';
import { judgeHealth } from './health.ts';
import type { MediaFigures } from './media/media-flow.ts';
import type { ReceptionFigures } from './reception-meter.ts';

/** What a report is created from. */
export interface ReportInput {
  readonly decision: Omit<Decision, 'actions'>;
  /** When the state last changed. */
  readonly since: Date;
  readonly facts: Facts;
  readonly figures: MediaFigures;
  readonly reception: ReceptionFigures;
  readonly outBitrateKbps: number;
  readonly framesDropped: Readonly<Record<DropReason, number>>;
  readonly restarts: Readonly<Record<string, number>>;
  readonly lastError: (Fault & { readonly at: Date }) | undefined;
  readonly secondsInState: Readonly<Partial<Record<RelayState, number>>>;
  readonly keyframeSeconds: number;
  readonly now: number;
  readonly date: Date;
}

/** The response of GET /status. */
export function report(input: ReportInput): RelayReport {
  const { decision, facts, figures, reception, lastError, now, date } = input;
  const { ingest, media, resources, plan, room, congestion, reencoder } = facts;
  const planned = (ingest.plan ?? plan.plan)?.mode ?? 'passthrough';
  const congested = congestionMessage(congestion, planned);
  const timeOf = (at: number): string => new Date(date.getTime() - (now - at)).toISOString();
  const open = ingest.phase === 'publishing' || ingest.phase === 'connecting';
  const videoOutput = !open ? 'none' : media.heldSince === undefined ? 'live' : 'held';
  const { health, why } = judgeHealth({
    live: decision.state === 'live' || (facts.standby && decision.state === 'waiting'),
    videoOutput,
    missingMs:
      room.videoSince !== undefined && media.heldSince !== undefined
        ? now - Math.max(room.videoSince, media.heldSince)
        : 0,
    faultAgeMs: lastError === undefined ? undefined : date.getTime() - lastError.at.getTime(),
    packetLossPercent: reception.packetLossPercent,
    lagMs: ingest.lagMs,
    avOffsetMs: figures.avOffsetMs,
    keyframeIntervalSeconds: figures.keyframeIntervalSeconds,
    askedKeyframeSeconds: input.keyframeSeconds,
    throttled: resources.throttled,
    lateMs: resources.lateMs,
    congestion: open ? congested : '',
  });
  const mode = reencoder.plan === undefined ? planned : 'transcode';
  return {
    state: decision.state,
    reason: decision.reason,
    message: decision.message,
    since: input.since.toISOString(),
    standby: facts.standby,
    mode,
    modeReason: mode === 'transcode' ? (reencoder.plan === undefined ? plan.message : congested) : '',
    congestion: {
      step: congestion.step.kind,
      message: congested,
      acceptedKbps: congestion.step.kind === 'full' ? null : round(congestion.acceptedKbps),
      stepsDown: congestion.downs,
      stepsUp: congestion.ups,
    },
    videoOutput,
    codec: media.format?.codec ?? null,
    host: room.host,
    liveSince: ingest.phase === 'publishing' ? timeOf(ingest.since) : null,
    lastAcceptedAt: ingest.acceptedAt === undefined ? null : timeOf(ingest.acceptedAt),
    inBitrateKbps: round(figures.inBitrateKbps),
    outBitrateKbps: round(input.outBitrateKbps),
    frameRate: round(media.frameRate),
    width: media.format?.width ?? null,
    height: media.format?.height ?? null,
    keyframeIntervalSeconds: nullable(figures.keyframeIntervalSeconds),
    avOffsetMs: nullable(figures.avOffsetMs),
    lagMs: ingest.phase === 'publishing' ? Math.round(ingest.lagMs) : null,
    packetLossPercent: nullable(reception.packetLossPercent),
    jitterMs: nullable(reception.jitterMs),
    framesDropped: { ...input.framesDropped },
    memoryMiB: nullable(resources.memoryMiB),
    memoryLimitMiB: nullable(resources.memoryLimitMiB),
    restarts: { ...input.restarts },
    lastError:
      lastError === undefined
        ? null
        : { reason: lastError.reason, message: lastError.message, at: lastError.at.toISOString() },
    secondsInState: roundAll(input.secondsInState),
    health,
    healthReason: why,
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
const nullable = (value: number | null | undefined): number | null =>
  typeof value === 'number' ? round(value) : null;
const roundAll = (seconds: ReportInput['secondsInState']): RelayReport['secondsInState'] =>
  Object.fromEntries(Object.entries(seconds).map(([state, value]) => [state, round(value)]));
