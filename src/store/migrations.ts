import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { tables } from './migrations/0001-tables.ts';
import { gapsAndResolutions } from './migrations/0002-gaps-and-resolutions.ts';
import { expiryIndices } from './migrations/0003-expiry-indices.ts';
import { appMetrics } from './migrations/0004-app-metrics.ts';
import { alertsAndOutbox } from './migrations/0005-alerts-and-outbox.ts';
import { agoraMembers } from './migrations/0006-agora-members.ts';
import { serviceHours } from './migrations/0007-service-hours.ts';
import { liveNumbers } from './migrations/0008-live-numbers.ts';
import { qoe } from './migrations/0009-qoe.ts';
import { auditAddress } from './migrations/0010-audit-address.ts';
import { history } from './migrations/0011-history.ts';
import { auditSearch } from './migrations/0012-audit-search.ts';
import type { Layout } from './layout.ts';

/**
 * All migrations in order, as code so that the bundle contains them. A released migration is never changed. Each runs
 * with the schema of the project's tables as the search path.
 */
export function migrationsFor({ channelsSchema }: Layout): Record<string, Migration> {
  return {
    '0001-tables': {
      async up(db) {
        await sql.raw(tables(channelsSchema === null)).execute(db);
        await sql`insert into livechannel_layout (channels_schema) values (${channelsSchema})`.execute(db);
      },
    },
    '0002-gaps-and-resolutions': {
      async up(db) {
        await sql.raw(gapsAndResolutions).execute(db);
      },
    },
    '0003-expiry-indices': {
      async up(db) {
        await sql.raw(expiryIndices).execute(db);
      },
    },
    '0004-app-metrics': {
      async up(db) {
        await sql.raw(appMetrics).execute(db);
      },
    },
    '0005-alerts-and-outbox': {
      async up(db) {
        await sql.raw(alertsAndOutbox).execute(db);
      },
    },
    '0006-agora-members': {
      async up(db) {
        await sql.raw(agoraMembers).execute(db);
      },
    },
    '0007-service-hours': {
      async up(db) {
        await sql.raw(serviceHours).execute(db);
      },
    },
    '0008-live-numbers': {
      async up(db) {
        await sql.raw(liveNumbers).execute(db);
      },
    },
    '0009-qoe': {
      async up(db) {
        await sql.raw(qoe).execute(db);
      },
    },
    '0010-audit-address': {
      async up(db) {
        await sql.raw(auditAddress).execute(db);
      },
    },
    '0011-history': {
      async up(db) {
        await sql.raw(history).execute(db);
      },
    },
    '0012-audit-search': {
      async up(db) {
        await sql.raw(auditSearch).execute(db);
      },
    },
  };
}

export const migrationNames: readonly string[] = Object.keys(
  migrationsFor({ schema: '', channelsSchema: null }),
).sort();
