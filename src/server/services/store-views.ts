import type { z } from 'zod';
import type { Alert, MetricPoint } from '../../store/store.ts';
import type { alertViewSchema } from '../contract/alerts.ts';
import type { metricPointSchema, metricsQuerySchema } from '../contract/metrics.ts';
import { invalidMember } from '../problems.ts';

/** Maximum number of points in one response: a day in steps of 10 s. */
const MAX_POINTS = 8_640;

const HOUR_MS = 3_600_000;

/** Parses a period. @throws ApiProblem invalid-request if `to` is not later than `from` */
export function periodOf({ from, to }: { readonly from: string; readonly to: string }): {
  readonly from: Date;
  readonly to: Date;
} {
  const period = { from: new Date(from), to: new Date(to) };
  if (period.from < period.to) return period;
  throw invalidMember('to', 'to must be later than from');
}

/** Like `periodOf`, with `from` rounded down to the hour, because the ledger is hourly. */
export function hoursOf(query: { readonly from: string; readonly to: string }): {
  readonly from: Date;
  readonly to: Date;
} {
  const { from, to } = periodOf(query);
  return { from: new Date(Math.floor(from.getTime() / HOUR_MS) * HOUR_MS), to };
}

/**
 * Parses the query of a chart, by default the last hour until `now`.
 * @throws ApiProblem invalid-request if it has more than MAX_POINTS points
 */
export function stepsOf(
  query: z.infer<typeof metricsQuerySchema>,
  now: Date,
): {
  readonly from: Date;
  readonly to: Date;
  readonly stepSeconds: number;
} {
  const to = query.to ?? now.toISOString();
  const from = query.from ?? new Date(Date.parse(to) - HOUR_MS).toISOString();
  const period = periodOf({ from, to });
  const points = (period.to.getTime() - period.from.getTime()) / 1_000 / query.step;
  if (points <= MAX_POINTS) return { ...period, stepSeconds: query.step };
  throw invalidMember('step', `more than ${MAX_POINTS} points; use a longer step or a shorter period`);
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
