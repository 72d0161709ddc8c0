import { CodedError } from '../base/errors.ts';

/**
 * Unavailable: the database is away, too busy, or not yet as it should be (no schema, no right to it): somebody or time
 * mends that, so the same call is worth another try.
 * Invalid: what was said cannot be stored; it never will be.
 */
export type StoreErrorReason = 'Unavailable' | 'Invalid';

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
 * SQLSTATEs that the same statement may not meet again, by class or whole
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html): connection, rights and passwords, resources,
 * an operator's hand, a lock, a database or a table that is not there yet, a standby that only reads.
 */
const passing = /^(08|28|53|57|58|XX|40|55P03$|3D000$|3F000$|42P01$|42703$|42501$|25006$|25P0[23]$)/;
/** Classes of what PostgreSQL says of the statement itself. */
const sqlState = /^[0-9A-Z]{5}$/;

/** The SQLSTATE of an error, or undefined where PostgreSQL did not even answer. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'string')
    return undefined;
  // Node's own codes (ECONNREFUSED, EPIPE) are words; a SQLSTATE has a digit and five characters.
  return sqlState.test(error.code) && /\d/.test(error.code) ? error.code : undefined;
}

/** `doing` is what could not be done, e.g. "samples could not be written". A StoreError stays what it is. */
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

/** A mistake of the program is no database that is away. */
function reasonWithoutAnswer(error: unknown): StoreErrorReason {
  const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  return name === 'TypeError' || name === 'RangeError' ? 'Invalid' : 'Unavailable';
}

function adviceFor(state: string | undefined): string {
  if (state === '42P01' || state === '42703') return '; run `livechannel migrate`';
  if (state === '28P01' || state === '28000') return '; see to the user and password in DATABASE_URL';
  return '';
}

/** By shape, as an error of another realm is no Error of ours. */
function textOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const message = 'message' in error && typeof error.message === 'string' ? error.message : '';
  if (message !== '') return message;
  // Where every address of a name refuses, Node gives an AggregateError without a message of its own.
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.map(textOf).join('; ');
  return 'name' in error ? String(error.name) : 'an error that says nothing';
}
