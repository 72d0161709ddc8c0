import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { SecretText } from '../../../src/base/secret-text.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { sampleOf } from './sample-of.ts';

const execute = promisify(execFile);
const programs = process.env['LIVECHANNEL_POSTGRES_BIN'] ?? '/usr/lib/postgresql/15/bin';

test('a dump restored into an empty database continues where it ended', async () => {
  await using server = await TestPostgres.start();
  const address = await migratedDatabase(server);
  const folder = await mkdtemp(join(tmpdir(), 'livechannel-backup-'));
  try {
    const at = new Date('2026-11-23T12:00:00Z');
    const later = new Date('2026-11-23T14:00:00Z');
    const entry = {
      namespace: 'shop',
      channelId: 'a',
      hour: at,
      show: at,
      platform: 'ivs-eu',
      line: 'delivery',
      microDollars: 7,
      quantity: 1,
      estimated: true,
      prices: '2026-11-01',
      missingSeconds: 5,
    };
    const key = {
      id: 'k1',
      name: 'app',
      hash: new Uint8Array(32),
      scopes: ['playback'],
      expiresAt: undefined,
    };
    const alert = {
      namespace: 'shop',
      channelId: 'a',
      raisedAt: at,
      kind: 'budget-spent',
      severity: 'critical' as const,
      message: 'spent',
      occasion: 'one',
    };
    await using store = openStore({ url: address });
    await store.addSamples([sampleOf({ channelId: 'a', at, hlsViewers: 40 })]);
    await store.setCosts([entry]);
    await store.putApiKey(key);
    const raised = await store.raiseAlert(alert);
    await store.upkeep(new Date('2026-11-23T13:00:00Z'));

    const file = join(folder, 'livechannel.dump');
    const restored = await server.createDatabase();
    await execute(join(programs, 'pg_dump'), ['--format=custom', `--file=${file}`, address().reveal()]);
    await execute(join(programs, 'pg_restore'), [
      '--no-owner',
      '--exit-on-error',
      `--dbname=${restored}`,
      file,
    ]);

    await using other = openStore({ url: () => new SecretText(restored) });
    await other.check();
    expect(await other.costsOf({ namespace: 'shop', from: at, to: later })).toEqual([entry]);
    expect(await other.apiKey('k1')).toEqual(await store.apiKey('k1'));
    expect(await other.undeliveredAlerts(10)).toEqual([raised]);
    // IDs and partitions continue, too.
    expect(Number((await other.raiseAlert({ ...alert, occasion: 'two' }))?.id)).toBeGreaterThan(
      Number(raised?.id),
    );
    await other.addSamples([
      sampleOf({ channelId: 'a', at: new Date('2026-11-23T13:10:00Z'), hlsViewers: 60 }),
    ]);
    await other.upkeep(later);
    const points = await other.metrics({
      namespace: 'shop',
      channelId: 'a',
      from: at,
      to: later,
      stepSeconds: 3_600,
    });
    expect(points.map(({ hlsViewers }) => hlsViewers)).toEqual([40, 60]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
