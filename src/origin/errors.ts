import type { z } from 'zod';
import type { originErrorSchema } from '../api/origin-contract.ts';
import { CodedError } from '../base/errors.ts';

/**
 * Every error of the control API: its HTTP status and what the caller can do about it. Documented in
 * docs/contribute/origin.md.
 */
const PROBLEMS = {
  Unauthorized: { status: 401, meaning: 'The bearer token is missing or wrong.' },
  InvalidRequest: { status: 400, meaning: 'The id or the body is not valid; the message names the field.' },
  UnknownStream: { status: 404, meaning: 'No stream has this id.' },
  UnknownRoute: { status: 404, meaning: 'The path does not exist.' },
  BodyTooLarge: { status: 413, meaning: 'The body exceeds 16 KiB.' },
  UnsupportedMediaType: { status: 415, meaning: 'The body is not application/json.' },
  TooManyStreams: {
    status: 409,
    meaning: 'The origin has maxStreams streams. Delete one, or raise LIVECHANNEL_ORIGIN_MAX_STREAMS.',
  },
  NotReady: {
    status: 503,
    meaning: 'The origin cannot serve the request now, e.g. while nginx restarts. Retry.',
  },
  Internal: { status: 500, meaning: 'The origin failed. Its log contains the cause.' },
} as const;
export type OriginProblemCode = keyof typeof PROBLEMS;

/** An error of the control API, which the client receives with its status. */
export class OriginProblem extends CodedError {
  override readonly name = 'OriginProblem';
  readonly code: OriginProblemCode;
  readonly status: number;

  constructor(code: OriginProblemCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.status = PROBLEMS[code].status;
  }

  /** NotReady is temporary, because nginx restarts by itself; the other errors are not. */
  get retryable(): boolean {
    return this.code === 'NotReady';
  }

  get body(): z.infer<typeof originErrorSchema> {
    return { code: this.code, message: this.message };
  }
}
