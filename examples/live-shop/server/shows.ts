import { Pool } from 'pg';
import { live } from './live.ts';

/** A show that buyers can watch. */
export interface Show {
  readonly id: string;
  readonly streamMode: string | null;
  readonly relayStatus: string | null;
  readonly startedAt: Date | null;
}

const databaseUrl = process.env['DATABASE_URL'];
const pool = databaseUrl === undefined ? undefined : new Pool({ connectionString: databaseUrl });

/** What is on air, for the app's front page: from the app's own table, or without DATABASE_URL from the service. */
export async function showsOnAir(): Promise<readonly Show[]> {
  return pool === undefined ? await showsOfService() : await showsOfTable(pool);
}

/** The operator keeps these columns of the app's table `channels` up to date. */
async function showsOfTable(pool: Pool): Promise<readonly Show[]> {
  const { rows } = await pool.query<Show>(
    `select id::text, stream_mode as "streamMode", relay_status as "relayStatus", relay_started_at as "startedAt"
       from channels where relay_status = 'active' order by relay_started_at`,
  );
  return rows;
}

/** The first page is enough for a sample. */
async function showsOfService(): Promise<readonly Show[]> {
  const { items } = await live.channels.list.query({ relayStatus: 'active' });
  return items.map(({ id, streamMode, relay: { status, startedAt } }) => ({
    ...{ id, streamMode, relayStatus: status },
    startedAt: startedAt === null ? null : new Date(startedAt),
  }));
}
