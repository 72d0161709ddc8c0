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
  /** Connections at most. */
  readonly poolSize: number;
  /** Nothing waits longer for a connection, a free one of the pool included. */
  readonly connectTimeoutMs: number;
  /** No statement runs longer; two seconds more and its connection is given up, as the server is taken for gone. */
  readonly statementTimeoutMs: number;
  /** An idle connection broke: the next call makes another. */
  readonly onBroken?: ((error: Error) => void) | undefined;
}

const GRACE_MS = 2_000;

/** Connects with the first query, not before. */
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
  // Without a listener, a server that goes away would end the process.
  pool.on('error', (error) => onBroken?.(error));
  return { options: {}, end: () => pool.end(), connect: async () => discardingBroken(await pool.connect()) };
}

/**
 * A connection that PostgreSQL did not answer on is not used again: what it says later would be taken for the answer to
 * the next query. node-postgres alone puts it back into the pool.
 */
function discardingBroken(client: PoolClient): PostgresPoolClient {
  let broken = false;
  const ask = async (statement: string, values: readonly unknown[]): Promise<PostgresQueryResult<never>> => {
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
    if (typeof statement !== 'string') throw new TypeError('cursors are not in use');
    return ask(statement, values);
  }
  return {
    query,
    release(destroy = false) {
      client.release(destroy || broken);
    },
  };
}

/** Those whose name matters to kysely. */
const commands = ['UPDATE', 'DELETE', 'INSERT', 'SELECT', 'MERGE', 'COMMIT', 'ROLLBACK'] as const;

/** The address is asked for with every connection, and is in no options that a log might show. */
function clientTo(url: DatabaseUrl): new (config?: string | ClientConfig) => Client {
  return class extends Client {
    constructor(config?: string | ClientConfig) {
      super({ ...(typeof config === 'object' ? config : {}), connectionString: url().reveal() });
      // The pool listens while a connection is idle, and nobody does just before and after: an error that comes then
      // would end the process. The query in flight is refused besides, and the pool lets go of the connection.
      this.on('error', () => undefined);
    }
  };
}

/** Counts, money and ids of 64 bits are exact as numbers up to 9 thousand million million; beyond is an error. */
const typesAsNumbers = new TypeOverrides(types);
typesAsNumbers.setTypeParser(types.builtins.INT8, exactNumber);
typesAsNumbers.setTypeParser(types.builtins.NUMERIC, exactNumber);

function exactNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw new RangeError(`${text} is more than a number holds exactly`);
  return value;
}

/** Migrations hold a lock of their own that ends with their transaction (migrate.ts): kysely's would outlive it. */
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
