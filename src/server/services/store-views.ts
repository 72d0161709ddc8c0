import type { z } from 'zod';
import type { Alert, ChannelMoment, MetricPoint } from '../../store/store.ts';
import type { alertViewSchema } from '../contract/alerts.ts';
import type { Moment } from '../contract/history.ts';
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

const DEFAULT_USAGE_DAYS = 30;
const MAX_USAGE_DAYS = 400;

/** Like `hoursOf`; without `from` and `to`, the last 30 days. @throws ApiProblem invalid-request if it is over 400 days */
export function lastDaysOf(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: Date,
): { readonly from: Date; readonly to: Date } {
  const end = to === undefined ? now : new Date(to);
  const begin = new Date(end.getTime() - DEFAULT_USAGE_DAYS * 24 * HOUR_MS);
  const period = hoursOf({ from: from ?? begin.toISOString(), to: end.toISOString() });
  if (period.to.getTime() - period.from.getTime() <= MAX_USAGE_DAYS * 24 * HOUR_MS) return period;
  throw invalidMember('from', `the period is longer than ${MAX_USAGE_DAYS} days`);
}

/** Like `periodOf`; by default, the last hour until `now`. */
export function lastHourOf(
  query: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: Date,
): { readonly from: Date; readonly to: Date } {
  const to = query.to ?? now.toISOString();
  return periodOf({ from: query.from ?? new Date(Date.parse(to) - HOUR_MS).toISOString(), to });
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
  const period = lastHourOf(query, now);
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

export function momentView({ at, kind, text }: ChannelMoment): Moment {
  return { at: at.toISOString(), kind, text };
}

export function alertView(alert: Alert): z.infer<typeof alertViewSchema> {
  const { id, kind, severity, message } = alert;
  return {
    id,
    channelId: alert.channelId ?? null,
    platform: alert.platform ?? null,
    raisedAt: alert.raisedAt.toISOString(),
    resolvedAt: alert.resolvedAt?.toISOString() ?? null,
    kind,
    severity,
    message,
  };
}
