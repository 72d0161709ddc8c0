import { CodedError } from '../base/errors.ts';
import { errorCode } from '../base/error-text.ts';

/**
 * Unavailable: the database is unreachable, overloaded or not set up yet (no schema, no permission). The same call may
 * succeed later.
 * Invalid: the input cannot be stored; the same call will always fail.
 */
export type StoreErrorReason = 'Unavailable' | 'Invalid';

/** Thrown by all methods of the store. */
export class StoreError extends CodedError {
  override readonly name = 'StoreError';
  readonly reason: StoreErrorReason;

  constructor(reason: StoreErrorReason, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }

  get code(): 'STORE_UNAVAILABLE' | 'STORE_INVALID' {
    return this.reason === 'Unavailable' ? 'STORE_UNAVAILABLE' : 'STORE_INVALID';
  }

  get retryable(): boolean {
    return this.reason === 'Unavailable';
  }
}

/**
 * SQLSTATEs of transient conditions, as classes or whole codes
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html): connection, permissions and passwords, resources,
 * operator intervention, a lock, a database or table that does not exist yet, a read-only standby.
 */
const passing = /^(08|28|53|57|58|XX|40|55P03$|3D000$|3F000$|42P01$|42703$|42501$|25006$|25P0[23]$)/;
/** The form of a SQLSTATE. */
const sqlState = /^[0-9A-Z]{5}$/;

/** The SQLSTATE of an error; undefined where PostgreSQL did not answer. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = errorCode(error);
  if (code === undefined) return undefined;
  // Node's own codes (ECONNREFUSED, EPIPE) have no digits; a SQLSTATE has five characters, at least one of them a digit.
  return sqlState.test(code) && /\d/.test(code) ? code : undefined;
}

/**
 * Wraps an error with its reason and, where known, advice. `doing` states what failed, e.g. "Samples could not be
 * written". A StoreError is returned unchanged.
 */
export function asStoreError(doing: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const state = sqlStateOf(error);
  const reason =
    state === undefined ? reasonWithoutAnswer(error) : passing.test(state) ? 'Unavailable' : 'Invalid';
  const said = textOf(error);
  const advice = adviceFor(state);
  return new StoreError(
    reason,
    `${doing}: ${said}${state === undefined ? '' : ` (SQLSTATE ${state})`}${advice}`,
    { cause: error },
  );
}

/** A programming error (TypeError, RangeError) does not mean that the database is unavailable. */
function reasonWithoutAnswer(error: unknown): StoreErrorReason {
  const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  return name === 'TypeError' || name === 'RangeError' ? 'Invalid' : 'Unavailable';
}

function adviceFor(state: string | undefined): string {
  if (state === '42P01' || state === '42703') return '; run `livechannel migrate`';
  if (state === '28P01' || state === '28000') return '; check the user and password in DATABASE_URL';
  return '';
}

/** Message of an error. Checks the shape, because an error of another realm is not an instance of Error. */
function textOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const message = 'message' in error && typeof error.message === 'string' ? error.message : '';
  if (message !== '') return message;
  // When every address of a host name refuses the connection, Node throws an AggregateError without a message.
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.map(textOf).join('; ');
  return 'name' in error ? String(error.name) : 'unknown error';
}
