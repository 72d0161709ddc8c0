import type { TestPostgres } from '../../fixtures/postgres.ts';

/** The statements of an app's own migration, as the app's specification has them. */
export const SPECIFIED_COLUMNS =
  "ALTER TABLE channels ADD COLUMN stream_mode VARCHAR(20) DEFAULT 'hybrid', ADD COLUMN hls_playback_url VARCHAR(500), ADD COLUMN relay_status VARCHAR(20), ADD COLUMN relay_started_at TIMESTAMP, ADD COLUMN streaming_platform VARCHAR(50), ADD COLUMN stream_key_id VARCHAR(100);";
export const SPECIFIED_METRICS =
  'CREATE TABLE stream_metrics (id SERIAL PRIMARY KEY, channel_id INTEGER REFERENCES channels(id), timestamp TIMESTAMP DEFAULT NOW(), agora_viewers INTEGER DEFAULT 0, hls_viewers INTEGER DEFAULT 0, bitrate_kbps INTEGER, relay_health VARCHAR(20), created_at TIMESTAMP DEFAULT NOW());';

/** Creates a database with a table of channels of these columns, then executes the statements. Returns its URL. */
export async function appDatabase(
  server: TestPostgres,
  channels: string,
  ...statements: readonly string[]
): Promise<string> {
  const url = await server.createDatabase();
  await server.query(`CREATE TABLE channels (${channels})`, { url });
  for (const statement of statements) await server.query(statement, { url });
  return url;
}
