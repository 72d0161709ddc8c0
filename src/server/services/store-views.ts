import type { z } from 'zod';
import type { Alert, MetricPoint } from '../../store/store.ts';
import type { alertViewSchema, metricPointSchema, metricsQuerySchema } from '../contract.ts';
import { ApiProblem } from '../problems.ts';

/** So many points are one answer: a day in steps of 10 s. */
const MOST_POINTS = 8_640;

const HOUR_MS = 3_600_000;

/** @throws Problem invalid-request */
export function periodOf({ from, to }: { readonly from: string; readonly to: string }): {
  readonly from: Date;
  readonly to: Date;
} {
  const period = { from: new Date(from), to: new Date(to) };
  if (period.from < period.to) return period;
  throw invalid('to', 'to must be later than from');
}

/** The same from the beginning of its first hour on: the ledger is kept by the hour. */
export function hoursOf(query: { readonly from: string; readonly to: string }): {
  readonly from: Date;
  readonly to: Date;
} {
  const { from, to } = periodOf(query);
  return { from: new Date(Math.floor(from.getTime() / HOUR_MS) * HOUR_MS), to };
}

/** @throws Problem invalid-request */
export function stepsOf(query: z.infer<typeof metricsQuerySchema>): {
  readonly from: Date;
  readonly to: Date;
  readonly stepSeconds: number;
} {
  const period = periodOf(query);
  const points = (period.to.getTime() - period.from.getTime()) / 1_000 / query.step;
  if (points <= MOST_POINTS) return { ...period, stepSeconds: query.step };
  throw invalid('step', `that is more than ${String(MOST_POINTS)} points; ask for longer steps or less time`);
}

export function metricPointView(point: MetricPoint): z.infer<typeof metricPointSchema> {
  return {
    at: point.at.toISOString(),
    agoraViewers: point.agoraViewers ?? null,
    hlsViewers: point.hlsViewers ?? null,
    hlsViewersMost: point.hlsViewersMost ?? null,
    bitrateKbps: point.bitrateKbps ?? null,
    health: point.relayHealth ?? null,
    samples: point.samples,
    gaps: point.gaps,
  };
}

export function alertView(alert: Alert): z.infer<typeof alertViewSchema> {
  const { id, channelId, kind, severity, message } = alert;
  return {
    id,
    channelId,
    raisedAt: alert.raisedAt.toISOString(),
    resolvedAt: alert.resolvedAt?.toISOString() ?? null,
    kind,
    severity,
    message,
  };
}

function invalid(path: string, message: string): ApiProblem {
  return new ApiProblem('invalid-request', `${path}: ${message}.`, {
    extensions: { errors: [{ path, message }] },
  });
}
