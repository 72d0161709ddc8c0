import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { openStore } from '../../../src/store/postgres-store.ts';
import { defaultRetention, type Retention } from '../../../src/store/retention.ts';
import type { Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const DAY_MS = 86_400_000;
const now = new Date('2026-11-23T12:00:00Z');
/** This many whole days before today; the boundary is at midnight. */
const daysAgo = (days: number): Date => new Date(Date.UTC(2026, 10, 23) - days * DAY_MS);
const justBefore = (at: Date): Date => new Date(at.getTime() - 1);

async function opened(retention: Retention = defaultRetention): Promise<{ store: Store; url: string }> {
  const address = await migratedDatabase(server);
  return { store: openStore({ url: address, retention }), url: address().reveal() };
}

const left = async (url: string, what: string, from: string): Promise<unknown[]> =>
  (await server.query(`select ${what} as found from ${from} order by 1`, { url })).map(({ found }) => found);

const change = (at: Date, requestId: string) => ({
  at,
  subject: 'api-key:k1',
  action: 'changeChannel',
  namespace: 'shop',
  channelId: '1',
  outcome: '200',
  requestId,
  detail: undefined,
});

describe('the upkeep deletes', () => {
  test('audit log entries after 400 days, and API keys that had ended by then', async () => {
    const { store, url } = await opened();
    await using _ = store;
    const edge = daysAgo(400);
    await store.appendAudit([change(justBefore(edge), 'old'), change(edge, 'young')]);
    const key = { name: 'app', hash: new Uint8Array(32), scopes: ['playback'], expiresAt: undefined };
    await store.putApiKey({ ...key, id: 'expired', expiresAt: justBefore(edge) });
    await store.putApiKey({ ...key, id: 'expired lately', expiresAt: edge });
    await store.putApiKey({ ...key, id: 'for ever' });
    await store.putApiKey({ ...key, id: 'revoked', expiresAt: now });
    await store.revokeApiKey('revoked', justBefore(edge));
    await store.upkeep(now);
    expect(await left(url, 'request_id', 'livechannel_audit')).toEqual(['young']);
    expect(await left(url, 'id', 'livechannel_api_keys')).toEqual(['expired lately', 'for ever']);
  });

  test('alerts 90 days after they were resolved; an open one stays, however old', async () => {
    const { store, url } = await opened();
    await using _ = store;
    const key = { namespace: 'shop', channelId: '1' };
    for (const occasion of ['open', 'old', 'young'])
      await store.raiseAlert({
        ...key,
        raisedAt: daysAgo(300),
        kind: 'budget-spent',
        severity: 'critical',
        message: '',
        occasion,
      });
    await store.resolveAlert(key, 'old', justBefore(daysAgo(90)));
    await store.resolveAlert(key, 'young', daysAgo(90));
    await store.upkeep(now);
    expect(await left(url, 'occasion', 'livechannel_alerts')).toEqual(['open', 'young']);
  });

  test('costs only when configured', async () => {
    const entry = {
      namespace: 'shop',
      channelId: '1',
      show: daysAgo(500),
      platform: 'ivs-eu',
      line: 'delivery',
      microDollars: 1,
      quantity: 1,
      estimated: true,
      prices: '2026-11-01',
      missingSeconds: 0,
    };
    const entries = [
      { ...entry, hour: new Date(daysAgo(40).getTime() - 3_600_000) },
      { ...entry, hour: daysAgo(40) },
    ];
    for (const costDays of [undefined, 40]) {
      const { store, url } = await opened({ ...defaultRetention, costDays });
      await using _ = store;
      await store.setCosts(entries);
      await store.upkeep(now);
      expect(await left(url, 'hour', 'livechannel_costs')).toEqual(
        (costDays === undefined ? entries : entries.slice(1)).map(({ hour }) => hour),
      );
    }
  });

  test('reports of an app about its viewers, with the samples that contain them', async () => {
    const { store, url } = await opened();
    await using _ = store;
    await store.reportAudience({ namespace: 'shop', channelId: 'gone' }, 3, justBefore(daysAgo(7)));
    await store.reportAudience({ namespace: 'shop', channelId: 'here' }, 3, daysAgo(7));
    await store.upkeep(now);
    expect(await left(url, 'channel_id', 'livechannel_audience')).toEqual(['here']);
  });

  test('nothing when retention is unlimited', async () => {
    const { store, url } = await opened({ ...defaultRetention, auditDays: undefined, alertDays: undefined });
    await using _ = store;
    await store.appendAudit([change(daysAgo(5_000), 'old')]);
    await store.upkeep(now);
    expect(await left(url, 'request_id', 'livechannel_audit')).toEqual(['old']);
  });
});

describe('the upkeep of large tables', () => {
  const fill = (url: string, rows: number): Promise<unknown> =>
    server.query(
      `insert into livechannel_audit (at, subject, action, namespace, outcome, request_id)
        select timestamptz '2020-01-01' + n * interval '1 second', 's', 'a', 'shop', '200', n::text
        from generate_series(1, $1::integer) as n`,
      { url, values: [rows] },
    );

  test('deletes at most a hundred thousand rows in one round, and the rest in the next ones', async () => {
    const { store, url } = await opened();
    await using _ = store;
    await fill(url, 120_000);
    await store.upkeep(now);
    expect(await left(url, 'count(*)::integer', 'livechannel_audit')).toEqual([20_000]);
    await store.upkeep(now);
    expect(await left(url, 'count(*)::integer', 'livechannel_audit')).toEqual([0]);
  });

  test('skips a locked row and deletes it in a later round', async () => {
    const { store, url } = await opened();
    await using _ = store;
    await fill(url, 3);
    const holder = new Client({ connectionString: url });
    await holder.connect();
    try {
      await holder.query("begin; select from livechannel_audit where request_id = '2' for update");
      await store.upkeep(now);
      expect(await left(url, 'request_id', 'livechannel_audit')).toEqual(['2']);
    } finally {
      await holder.end();
    }
    await store.upkeep(now);
    expect(await left(url, 'request_id', 'livechannel_audit')).toEqual([]);
  });
});
