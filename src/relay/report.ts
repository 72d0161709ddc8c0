import type { RelayReport } from '../api/relay-contract.ts';
import type { Decision } from './decide.ts';
import type { Facts, Fault } from './facts.ts';
import type { MediaFigures } from './media/media-flow.ts';

/** A fault leaves its mark on the health for so long. */
const TROUBLE_MS = 60_000;

export interface ReportInput {
  readonly decision: Omit<Decision, 'actions'>;
  /** When the state became what it is. */
  readonly since: Date;
  readonly facts: Facts;
  readonly figures: MediaFigures;
  readonly outBitrateKbps: number;
  readonly restarts: Readonly<Record<string, number>>;
  readonly lastError: (Fault & { readonly at: Date }) | undefined;
  readonly now: number;
  readonly date: Date;
}

/** What GET /status answers. */
export function report(input: ReportInput): RelayReport {
  const { decision, facts, figures, lastError, now, date } = input;
  const { ingest } = facts;
  const timeOf = (at: number): string => new Date(date.getTime() - (now - at)).toISOString();
  return {
    state: decision.state,
    reason: decision.reason,
    message: decision.message,
    since: input.since.toISOString(),
    mode: 'passthrough',
    host: facts.room.host,
    liveSince: ingest.phase === 'publishing' ? timeOf(ingest.since) : null,
    lastAcceptedAt: ingest.acceptedAt === undefined ? null : timeOf(ingest.acceptedAt),
    inBitrateKbps: round(figures.inBitrateKbps),
    outBitrateKbps: round(input.outBitrateKbps),
    frameRate: round(figures.frameRate),
    width: figures.width,
    height: figures.height,
    keyFrameIntervalSeconds: nullable(figures.keyFrameIntervalSeconds),
    avOffsetMs: nullable(figures.avOffsetMs),
    restarts: { ...input.restarts },
    lastError:
      lastError === undefined
        ? null
        : { reason: lastError.reason, message: lastError.message, at: lastError.at.toISOString() },
    health: health(decision.state === 'live', lastError?.at, date),
  };
}

/** good: live and without a fault for a minute. fair: live. poor: not live. */
function health(live: boolean, lastErrorAt: Date | undefined, date: Date): RelayReport['health'] {
  if (!live) return 'poor';
  return lastErrorAt === undefined || date.getTime() - lastErrorAt.getTime() > TROUBLE_MS ? 'good' : 'fair';
}

const round = (value: number): number => Math.round(value * 10) / 10;
const nullable = (value: number | null): number | null => (value === null ? null : round(value));
