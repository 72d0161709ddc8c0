import {
  Kysely,
  PostgresAdapter,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import { Client, type ClientConfig, Pool, type PoolClient, TypeOverrides, types } from 'pg';
import type { DatabaseUrl } from './database-url.ts';
import { sqlStateOf } from './errors.ts';
import type { Tables } from './tables.ts';

export interface ConnectOptions {
  readonly url: DatabaseUrl;
  /** Maximum number of connections. */
  readonly poolSize: number;
  /** Maximum wait for a connection, including the wait for a free one of the pool. */
  readonly connectTimeoutMs: number;
  /**
   * Maximum duration of a statement, enforced by the server. If the server has not answered GRACE_MS later, it is
   * considered lost and the connection is discarded.
   */
  readonly statementTimeoutMs: number;
  /** Called when an idle connection broke; the next call opens another. */
  readonly onBroken?: ((error: Error) => void) | undefined;
}

const GRACE_MS = 2_000;

/** Returns a database handle that opens its first connection with the first query. */
export function connect(options: ConnectOptions): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new Dialect({ pool: boundedPool(options) }) });
}

function boundedPool({ url, onBroken, ...options }: ConnectOptions): PostgresPool {
  const pool = new Pool({
    max: options.poolSize,
    connectionTimeoutMillis: options.connectTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + GRACE_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'livechannel',
    types: typesAsNumbers,
    Client: clientTo(url),
  });
  // Without a listener, the loss of the server would end the process.
  pool.on('error', (error) => onBroken?.(error));
  return { options: {}, end: () => pool.end(), connect: async () => discardingBroken(await pool.connect()) };
}

/**
 * Discards a connection on which a query had no answer from PostgreSQL: a late answer would be taken for that of the next
 * query. node-postgres by itself would return the connection to the pool.
 */
function discardingBroken(client: PoolClient): PostgresPoolClient {
  let broken = false;
  const execute = async (
    statement: string,
    values: readonly unknown[],
  ): Promise<PostgresQueryResult<never>> => {
    if (broken) throw new Error('The connection to the database broke');
    try {
      const { command, rowCount, rows } = await client.query<never>(statement, [...values]);
      return { command: commands.find((one) => one === command) ?? 'SELECT', rowCount: rowCount ?? 0, rows };
    } catch (error) {
      if (sqlStateOf(error) === undefined) broken = true;
      throw error;
    }
  };
  function query<R>(statement: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query(
    statement: string | PostgresCursor<unknown>,
    values: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<unknown>> | PostgresCursor<unknown> {
    if (typeof statement !== 'string') throw new TypeError('cursors are not supported');
    return execute(statement, values);
  }
  return {
    query,
    release(destroy = false) {
      client.release(destroy || broken);
    },
  };
}

/** The commands that kysely distinguishes; all others are reported to it as SELECT. */
const commands = ['UPDATE', 'DELETE', 'INSERT', 'SELECT', 'MERGE', 'COMMIT', 'ROLLBACK'] as const;

/** A client class that reads the URL for every connection, and keeps it out of options that could be logged. */
function clientTo(url: DatabaseUrl): new (config?: string | ClientConfig) => Client {
  return class extends Client {
    constructor(config?: string | ClientConfig) {
      super({ ...(typeof config === 'object' ? config : {}), connectionString: url().reveal() });
      // The pool listens for errors only while the connection is idle. Without this listener, an error just before or
      // after would end the process. The query in flight is rejected as well, and the pool drops the connection.
      this.on('error', () => undefined);
    }
  };
}

/** 64-bit counts, amounts and ids are read as numbers, which are exact up to 2^53 - 1; a larger value is an error. */
const typesAsNumbers = new TypeOverrides(types);
typesAsNumbers.setTypeParser(types.builtins.INT8, exactNumber);
typesAsNumbers.setTypeParser(types.builtins.NUMERIC, exactNumber);

function exactNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw new RangeError(`${text} is too large to be exact as a JavaScript number`);
  return value;
}

/** Migrations hold a separate lock that ends with their transaction (migrate.ts); kysely's would outlive it. */
class Dialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new LockedAlready();
  }
}

class LockedAlready extends PostgresAdapter {
  override acquireMigrationLock(): Promise<void> {
    return Promise.resolve();
  }

  override releaseMigrationLock(): Promise<void> {
    return Promise.resolve();
  }
}
