import { oneLine } from '../base/one-line.ts';
import { ApiError } from './errors.ts';

/** Creates an ApiError from a body with a metav1.Status, or with whatever a proxy answered instead. */
export function apiErrorFrom(what: string, status: number, body: string, retryAfterMs?: number): ApiError {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return new ApiError(what, { status, message: oneLine(body, 300) || 'empty answer', retryAfterMs });
  }
  return apiErrorOf(what, answer, status, retryAfterMs);
}

/** Creates an ApiError from a decoded Status, e.g. of an ERROR event of a watch. */
export function apiErrorOf(what: string, answer: unknown, status = 500, retryAfterMs?: number): ApiError {
  const { code, reason, message, details } = asRecord(answer);
  const { causes, retryAfterSeconds } = asRecord(details);
  const seconds =
    typeof retryAfterSeconds === 'number' && retryAfterSeconds > 0 ? retryAfterSeconds : undefined;
  return new ApiError(what, {
    status: typeof code === 'number' ? code : status,
    reason: text(reason),
    message: text(message),
    retryAfterMs: retryAfterMs ?? (seconds === undefined ? undefined : seconds * 1000),
    causes: Array.isArray(causes)
      ? causes
          .map(asRecord)
          .map(({ field, message: fault }) => ({ field: text(field) ?? '', message: text(fault) ?? '' }))
      : [],
  });
}

/** Retry-After in milliseconds. Kubernetes sends it in seconds, never as a date. */
export function retryAfter(header: string | string[] | undefined): number | undefined {
  const seconds = Number(Array.isArray(header) ? header[0] : header);
  return header !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

/** A copy of an object's properties; empty if `value` is not an object. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
