import { Pool } from 'pg';

/** A row of the app's own table `channels`; the operator keeps these columns up to date. */
export interface Show {
  readonly id: string;
  readonly streamMode: string | null;
  readonly relayStatus: string | null;
  readonly startedAt: Date | null;
}

const databaseUrl = process.env['DATABASE_URL'];
const pool = databaseUrl === undefined ? undefined : new Pool({ connectionString: databaseUrl });

/** What is on air, for the app's front page. Empty without DATABASE_URL. */
export async function showsOnAir(): Promise<readonly Show[]> {
  const result = await pool?.query<Show>(
    `select id::text, stream_mode as "streamMode", relay_status as "relayStatus", relay_started_at as "startedAt"
       from channels where relay_status = 'active' order by relay_started_at`,
  );
  return result?.rows ?? [];
}
