import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SecretText } from '../../../src/base/secret-text.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { Alert, AuditEntry, AuditQuery, CostEntry, Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { eventually } from '../../support/wait/eventually.ts';

let server: TestPostgres;
let store: Store;
let url: string;
beforeAll(async () => {
  server = await TestPostgres.start();
  const address = await migratedDatabase(server);
  url = address().reveal();
  store = openStore({ url: address });
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const noon = new Date('2026-11-23T12:00:00Z');
const hour = (count: number): Date => new Date(noon.getTime() + count * 3_600_000);

describe('costs', () => {
  const entry: CostEntry = {
    namespace: 'shop',
    channelId: '1',
    hour: noon,
    show: noon,
    platform: 'ivs-eu',
    line: 'delivery',
    microDollars: 9_007_199_254_740_991,
    quantity: 123_456.5,
    estimated: true,
    prices: '2026-11-01',
    missingSeconds: 0,
  };

  test('replace the entry of the same hour and line: the last one counts, also within one call', async () => {
    await store.setCosts([entry]);
    expect(await store.costsOf({ namespace: 'shop', from: noon, to: hour(1) })).toEqual([entry]);
    const actual = { ...entry, microDollars: 7, estimated: false, missingSeconds: 90 };
    await store.setCosts([{ ...entry, microDollars: 3 }, actual]);
    expect(await store.costsOf({ namespace: 'shop', from: noon, to: hour(1) })).toEqual([actual]);
  });

  test('are read for hours that begin within the range, of one channel or a whole namespace', async () => {
    const entries = [
      { ...entry, namespace: 'costs', hour: hour(0), microDollars: 1 },
      { ...entry, namespace: 'costs', hour: hour(1), microDollars: 2 },
      { ...entry, namespace: 'costs', hour: hour(1), channelId: '2', microDollars: 3 },
      { ...entry, namespace: 'costs', hour: hour(2), microDollars: 4 },
      { ...entry, namespace: 'other', hour: hour(1), microDollars: 5 },
    ];
    await store.setCosts(entries);
    const found = async (query: object) =>
      (await store.costsOf({ namespace: 'costs', from: hour(0), to: hour(2), ...query })).map(
        ({ microDollars }) => microDollars,
      );
    expect(await found({})).toEqual([1, 2, 3]);
    expect(await found({ channelId: '2' })).toEqual([3]);
    expect(await found({ from: hour(2), to: hour(3) })).toEqual([4]);
  });

  test('are summed for a namespace, a channel or a show, and without entries there is no 0', async () => {
    const first = { ...entry, namespace: 'sums', microDollars: 1 };
    await store.setCosts([
      first,
      { ...first, line: 'ingest', microDollars: 10 },
      { ...first, hour: hour(1), microDollars: 100 },
      { ...first, hour: hour(1), show: hour(1), microDollars: 1_000 },
      { ...first, hour: hour(1), channelId: '2', microDollars: 10_000 },
      { ...first, hour: hour(2), microDollars: 100_000 },
    ]);
    const spent = (query: object) =>
      store.spentOf({ namespace: 'sums', from: hour(0), to: hour(2), ...query });
    expect(await spent({})).toBe(11_111);
    expect(await spent({ channelId: '1' })).toBe(1_111);
    expect(await spent({ channelId: '1', show: noon })).toBe(111);
    expect(await spent({ from: hour(1) })).toBe(11_100);
    expect(await spent({ channelId: 'none' })).toBe(0);
  });

  test('an empty list changes nothing', async () => {
    await expect(store.setCosts([])).resolves.toBeUndefined();
  });
});

describe('what is spent of budgets', () => {
  test('is summed by channel: of an hour, of a show, or nothing', async () => {
    const entry = {
      ...{ namespace: 'budgets', channelId: '1', hour: hour(1), show: hour(1), platform: 'ivs-eu' },
      ...{
        line: 'delivery',
        microDollars: 100,
        quantity: 1,
        estimated: true,
        prices: 'p',
        missingSeconds: 0,
      },
    };
    await store.setCosts([
      entry,
      { ...entry, show: hour(0), microDollars: 20 },
      { ...entry, show: hour(0), hour: hour(0), microDollars: 3 },
      { ...entry, channelId: '2', show: hour(0), hour: hour(0), microDollars: 5_000_000_000 },
    ]);
    const spent = await store.spentBy('budgets', [
      { channelId: '1', since: hour(1), show: undefined },
      { channelId: '2', since: hour(0), show: hour(0) },
      { channelId: '3', since: hour(0), show: undefined },
    ]);
    expect([...spent].sort()).toEqual([
      ['1', 120],
      ['2', 5_000_000_000],
      ['3', 0],
    ]);
    expect(await store.spentBy('budgets', [{ channelId: '1', since: hour(0), show: hour(0) }])).toEqual(
      new Map([['1', 23]]),
    );
    expect(await store.spentBy('budgets', [])).toEqual(new Map());
  });
});

describe('the history of a channel', () => {
  const moment = {
    ...{ namespace: 'shop', channelId: '1', at: hour(1) },
    ...{ kind: 'restart' as const, text: 'RelayUnresponsive' },
  };

  test('has each moment once, and the newest first', async () => {
    const mode = { ...moment, at: hour(2), kind: 'mode' as const, text: 'HLS costs less.' };
    await store.addMoments([moment, mode, { ...moment, channelId: '2' }]);
    // Another leader observes the same.
    await store.addMoments([moment]);
    const query = { namespace: 'shop', channelId: '1', from: hour(0), to: hour(3), most: 10 };
    expect(await store.history(query)).toEqual([mode, moment]);
    expect(await store.history({ ...query, most: 1 })).toEqual([mode]);
    expect(await store.history({ ...query, to: hour(2) })).toEqual([moment]);
    expect(await store.history({ ...query, channelId: '3' })).toEqual([]);
  });
});

describe('alerts', () => {
  const alert: Omit<Alert, 'id' | 'resolvedAt'> = {
    namespace: 'shop',
    channelId: '1',
    raisedAt: noon,
    kind: 'BudgetThresholdReached',
    severity: 'warning',
    message: '$9.61 of $12.00 has been spent.',
    occasion: 'budget 2026-11-23T12 nearly',
  };

  test('an occasion is raised once, even by concurrent calls', async () => {
    const raised = await Promise.all(Array.from({ length: 8 }, () => store.raiseAlert(alert)));
    expect(raised.filter((one) => one !== undefined)).toEqual([
      { ...alert, id: expect.any(String), resolvedAt: undefined },
    ]);
    expect(await store.raiseAlert({ ...alert, channelId: '2' })).toMatchObject({ channelId: '2' });
  });

  test('are delivered in order, each until its delivery is recorded', async () => {
    const waiting = await store.undeliveredAlerts(10);
    expect(waiting.map(({ channelId }) => channelId)).toEqual(['1', '2']);
    expect(await store.undeliveredAlerts(1)).toEqual(waiting.slice(0, 1));
    await store.alertDelivered({ id: waiting[0]?.id ?? '', resolvedAt: undefined }, noon);
    expect(await store.undeliveredAlerts(10)).toEqual(waiting.slice(1));
  });

  test('are open until they are resolved; the first time of resolution stays', async () => {
    await store.resolveAlert(alert, alert.occasion, hour(1));
    await store.resolveAlert(alert, alert.occasion, hour(2));
    const open = await store.alerts({ namespace: 'shop', open: true, most: 10 });
    expect(open.map(({ channelId }) => channelId)).toEqual(['2']);
    const resolved = await store.alerts({ namespace: 'shop', open: false, most: 10 });
    expect(resolved.map(({ channelId, resolvedAt }) => [channelId, resolvedAt])).toEqual([['1', hour(1)]]);
  });

  describe('deliveries', () => {
    /** An alert that has not been delivered yet. */
    const raised = async (occasion: string): Promise<Alert> => {
      const one = await store.raiseAlert({ ...alert, namespace: 'told', occasion });
      if (one === undefined) throw new Error('it was raised before');
      return one;
    };
    const resolve = (one: Alert) => store.resolveAlert(one, one.occasion, hour(1));
    const waiting = async (): Promise<Alert[]> =>
      (await store.undeliveredAlerts(100)).filter(({ namespace }) => namespace === 'told');

    test('are two: when it is raised, and when it is resolved', async () => {
      const one = await raised('twice');
      await store.alertDelivered(one, noon);
      expect(await waiting()).toEqual([]);
      await resolve(one);
      const [resolved] = await waiting();
      expect(resolved).toEqual({ ...one, resolvedAt: hour(1) });
      await store.alertDelivered(resolved ?? one, hour(2));
      expect(await waiting()).toEqual([]);
    });

    test('are one when it was resolved before the first delivery', async () => {
      const one = await raised('once');
      await resolve(one);
      expect(await waiting()).toEqual([{ ...one, resolvedAt: hour(1) }]);
      await store.alertDelivered({ ...one, resolvedAt: hour(1) }, hour(2));
      expect(await waiting()).toEqual([]);
    });

    test('are two when it was resolved during the first delivery', async () => {
      const one = await raised('meanwhile');
      await resolve(one);
      await store.alertDelivered(one, hour(1));
      expect(await waiting()).toEqual([{ ...one, resolvedAt: hour(1) }]);
      await store.alertDelivered({ ...one, resolvedAt: hour(1) }, hour(2));
    });

    test('end when they are given up, and do not start again when it is resolved', async () => {
      const one = await raised('given up');
      await store.alertGivenUp(one.id, hour(1));
      expect(await waiting()).toEqual([]);
      await resolve(one);
      expect(await waiting()).toEqual([]);
      const [row] = await server.query(
        'select delivered_at, given_up_at from livechannel_alerts where id = $1',
        {
          url,
          values: [one.id],
        },
      );
      expect(row).toEqual({ delivered_at: null, given_up_at: hour(1) });
    });
  });

  test('are paginated with the newest first', async () => {
    for (const occasion of ['a', 'b', 'c', 'd', 'e'])
      await store.raiseAlert({ ...alert, namespace: 'pages', occasion });
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const page = await store.alerts({
        namespace: 'pages',
        most: 2,
        ...(before === undefined ? {} : { before }),
      });
      seen.push(...page.map(({ occasion }) => occasion));
      before = page.at(-1)?.id;
    } while (before !== undefined);
    expect(seen).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(await store.alerts({ namespace: 'pages', channelId: 'no', most: 2 })).toEqual([]);
  });

  test('a malformed ID is Invalid', async () => {
    const invalid = { name: 'StoreError', reason: 'Invalid' };
    await expect(store.alerts({ namespace: 'shop', most: 1, before: "1' or true" })).rejects.toMatchObject(
      invalid,
    );
    await expect(store.alertGivenUp('-1', noon)).rejects.toMatchObject(invalid);
    await expect(store.alertDelivered({ id: 'x', resolvedAt: undefined }, noon)).rejects.toMatchObject(
      invalid,
    );
  });
});

describe('alerts of platforms', () => {
  const alert: Omit<Alert, 'id' | 'resolvedAt'> = {
    namespace: undefined,
    channelId: undefined,
    platform: 'ivs-eu',
    raisedAt: noon,
    kind: 'PlatformNotReady',
    severity: 'critical',
    message: 'rejected',
    occasion: 'PlatformNotReady/1',
  };
  const ofChannel: Omit<Alert, 'id' | 'resolvedAt'> = {
    ...alert,
    namespace: 'observed',
    channelId: '1',
    kind: 'ChannelOffAir',
    occasion: 'ChannelOffAir/1',
  };

  test('are listed for every namespace, and not as those of a channel', async () => {
    expect(await store.raiseAlert(alert)).toMatchObject({ channelId: undefined, platform: 'ivs-eu' });
    expect(await store.alerts({ namespace: 'any', most: 10 })).toMatchObject([{ platform: 'ivs-eu' }]);
    expect(await store.alerts({ namespace: 'any', channelId: '1', most: 10 })).toEqual([]);
    expect(await store.alerts({ namespace: 'any', platform: 'other', most: 10 })).toEqual([]);
    expect(await store.alerts({ namespace: 'any', kind: 'PlatformNotReady', most: 10 })).toHaveLength(1);
  });

  test('of one kind are open at most once, as are observed ones of a channel; another follows its resolution', async () => {
    const again = { ...alert, occasion: 'PlatformNotReady/2' };
    expect(await store.raiseAlert(again)).toBeUndefined();
    await store.raiseAlert(ofChannel);
    expect(await store.raiseAlert({ ...ofChannel, occasion: 'ChannelOffAir/2' })).toBeUndefined();
    expect(await store.raiseAlert({ ...ofChannel, kind: 'FallbackActive' })).toBeUndefined(); // the same occasion
    expect(await store.resolveAlertOfKind(alert, 'PlatformNotReady', hour(1))).toMatchObject({
      resolvedAt: hour(1),
    });
    expect(await store.resolveAlertOfKind(alert, 'PlatformNotReady', hour(2))).toBeUndefined();
    expect(await store.raiseAlert(again)).toMatchObject({ occasion: 'PlatformNotReady/2' });
  });

  test('are read by the next leader with those of its namespaces', async () => {
    const names = async (namespaces: readonly string[] | undefined): Promise<string[]> =>
      (await store.openAlerts(namespaces, 100)).map(({ kind }) => kind);
    expect(await names([])).toEqual(['PlatformNotReady']);
    expect(await names(['observed'])).toEqual(['ChannelOffAir', 'PlatformNotReady']);
    expect((await names(undefined)).length).toBeGreaterThan(2);
  });

  test('are followed in the order in which they change', async () => {
    const { newest } = await store.alertChanges('observed', undefined, 0);
    await store.resolveAlertOfKind(ofChannel, 'ChannelOffAir', hour(1));
    await store.resolveAlertOfKind(alert, 'PlatformNotReady', hour(1));
    await store.raiseAlert({ ...ofChannel, occasion: 'ChannelOffAir/3' });
    await store.raiseAlert({ ...ofChannel, namespace: 'elsewhere' });
    const { changes, newest: last } = await store.alertChanges('observed', newest, 10);
    expect(changes.map(({ alert: { kind, resolvedAt } }) => [kind, resolvedAt !== undefined])).toEqual([
      ['ChannelOffAir', true],
      ['PlatformNotReady', true],
      ['ChannelOffAir', false],
    ]);
    expect(await store.alertChanges('observed', last, 10)).toEqual({ changes: [], newest: last });
  });
});

describe('messages about channels', () => {
  const key = { namespace: 'shop', channelId: 'announced' };
  const data = '{"type":"status"}';
  const announce = (state: string | undefined, ...types: readonly ('status' | 'mode' | 'ended')[]) =>
    store.announce([{ ...key, state, messages: types.map((type) => ({ type, data })) }], noon);
  /** All of them, in the order of their delivery. */
  async function deliverAll(): Promise<string[]> {
    const types: string[] = [];
    for (;;) {
      const [first] = await store.waitingMessages(1);
      if (first === undefined) return types;
      types.push(first.type);
      await store.messageDelivered(first.id);
    }
  }

  test('are queued once for a state, also by concurrent leaders', async () => {
    await Promise.all(Array.from({ length: 8 }, () => announce('one', 'mode', 'status')));
    expect(await store.announced(['shop'])).toEqual([{ ...key, state: 'one' }]);
    expect(await store.waitingMessages(10)).toMatchObject([{ ...key, type: 'mode', createdAt: noon, data }]);
    expect(await deliverAll()).toEqual(['mode', 'status']);
    await announce('one', 'status');
    expect(await deliverAll()).toEqual([]);
  });

  test('replace those of the same type; the end replaces all, and a successor follows it', async () => {
    await announce('two', 'status');
    const [replaced] = await store.waitingMessages(1);
    await announce('three', 'mode', 'status');
    expect(await store.waitingMessages(10)).not.toContainEqual(replaced);
    await announce('four', 'status');
    expect(await deliverAll()).toEqual(['mode', 'status']);
    await announce('five', 'mode', 'status');
    await announce('another uid', 'ended', 'status');
    await announce('again', 'status');
    expect(await deliverAll()).toEqual(['ended', 'status']);
    await announce(undefined, 'ended');
    await announce(undefined, 'ended');
    expect(await store.announced(['shop'])).toEqual([]);
    expect(await deliverAll()).toEqual(['ended']);
  });

  test('are pruned by age and number, the oldest first', async () => {
    for (const channelId of ['1', '2', '3'])
      await store.announce([{ ...key, channelId, state: 'x', messages: [{ type: 'status', data }] }], noon);
    expect(await store.pruneMessages(noon, 2)).toBe(1);
    expect((await store.waitingMessages(10)).map(({ channelId }) => channelId)).toEqual(['2', '3']);
    expect(await store.pruneMessages(hour(1), 100)).toBe(2);
    expect(await store.waitingMessages(10)).toEqual([]);
  });
});

describe('API keys', () => {
  const key = {
    id: 'k1',
    name: 'the app',
    hash: new Uint8Array(32).fill(255),
    scopes: ['playback', 'operate'],
    expiresAt: hour(24),
  };

  test('are found with all their values, and can be replaced with another secret', async () => {
    expect(await store.apiKey('k1')).toBeUndefined();
    await store.putApiKey(key);
    const found = await store.apiKey('k1');
    expect({ ...found, hash: [...(found?.hash ?? [])] }).toEqual({
      ...key,
      hash: [...key.hash],
      createdAt: expect.anything(),
      revokedAt: undefined,
      lastUsedAt: undefined,
    });
    await store.putApiKey({ ...key, hash: new Uint8Array(32), expiresAt: undefined });
    const again = await store.apiKey('k1');
    expect(again?.expiresAt).toBeUndefined();
    expect(again?.createdAt).toEqual(found?.createdAt);
    expect([...(again?.hash ?? [])]).toEqual(Array.from({ length: 32 }, () => 0));
  });

  test('are revoked once, and replacing one does not undo it', async () => {
    await store.putApiKey({ ...key, id: 'k2' });
    expect(await store.revokeApiKey('k2', noon)).toBe(true);
    expect(await store.revokeApiKey('k2', hour(1))).toBe(false);
    expect(await store.revokeApiKey('unknown', noon)).toBe(false);
    await store.putApiKey({ ...key, id: 'k2' });
    expect((await store.apiKey('k2'))?.revokedAt).toEqual(noon);
    expect((await store.apiKeys()).map(({ id }) => id)).toEqual(['k1', 'k2']);
  });

  test('record the latest use, whatever the order of the calls', async () => {
    await store.apiKeyUsed('k1', hour(2));
    await store.apiKeyUsed('k1', hour(1));
    expect((await store.apiKey('k1'))?.lastUsedAt).toEqual(hour(2));
  });
});

describe('the audit log', () => {
  test('keeps entries with details of any shape', async () => {
    const details = [undefined, { before: null, after: [1, 'ü'] }, [1, 2], 'text', null];
    await store.appendAudit(
      details.map((detail, index) => ({
        at: hour(index),
        subject: 'api-key:k1',
        action: 'changeChannel',
        namespace: 'shop',
        channelId: index === 0 ? undefined : '1',
        outcome: '200',
        requestId: `r${String(index)}`,
        detail,
        address: index === 0 ? '203.0.113.9' : undefined,
      })),
    );
    await store.appendAudit([]);
    const rows = await server.query(
      'select channel_id, request_id, detail, address from livechannel_audit order by id',
      { url },
    );
    expect(rows).toEqual(
      details.map((detail, index) => ({
        channel_id: index === 0 ? null : '1',
        request_id: `r${String(index)}`,
        detail: detail ?? null,
        address: index === 0 ? '203.0.113.9' : null,
      })),
    );
  });

  test('is read newest first, in pages, by channel, caller, action and time', async () => {
    const entry = (minute: number, change: Partial<AuditEntry> = {}): AuditEntry => ({
      ...{ at: new Date(hour(50).getTime() + minute * 60_000), subject: 'api-key:k1', action: 'stopRelay' },
      ...{ namespace: 'read', channelId: '1', outcome: 'ok', requestId: `q${String(minute)}`, detail: {} },
      ...change,
    });
    await store.appendAudit([
      entry(0),
      entry(1, { channelId: '2' }),
      entry(2, { subject: 'oidc:https://issuer#me', action: 'login', channelId: undefined }),
      entry(3, { namespace: 'other' }),
      entry(4, { namespace: '', subject: 'command-line', channelId: undefined }),
      entry(5, { detail: { platform: 'mux' } }),
    ]);
    const ids = async (query: Partial<AuditQuery> = {}): Promise<string[]> =>
      (await store.auditEntries({ namespaces: ['read', ''], most: 10, ...query })).map(
        ({ requestId }) => requestId,
      );
    expect(await ids()).toEqual(['q5', 'q4', 'q2', 'q1', 'q0']);
    expect(await ids({ channelId: '1' })).toEqual(['q5', 'q0']);
    expect(await ids({ subject: 'command-line' })).toEqual(['q4']);
    expect(await ids({ action: 'login' })).toEqual(['q2']);
    expect(await ids({ from: entry(1).at, to: entry(4).at })).toEqual(['q2', 'q1']);
    const byPrefix = (query: Partial<AuditQuery>): Promise<string[]> => ids({ ...query, match: 'prefix' });
    expect(await byPrefix({ subject: 'api' })).toEqual(['q5', 'q1', 'q0']);
    expect(await byPrefix({ subject: 'ME' })).toEqual(['q2']);
    expect(await byPrefix({ subject: 'issuer' })).toEqual([]);
    expect(await byPrefix({ subject: 'api-key:k1', channelId: '1' })).toEqual(['q5', 'q0']);
    const [first] = await store.auditEntries({ namespaces: ['read'], most: 1 });
    expect(first).toMatchObject({ subject: 'api-key:k1', channelId: '1', detail: { platform: 'mux' } });
    expect(await ids({ before: first?.id ?? '', most: 2 })).toEqual(['q4', 'q2']);
    await expect(ids({ before: '1; drop table' })).rejects.toMatchObject({ reason: 'Invalid' });
  });
});

describe('the audit log by the beginning of a name', () => {
  const found = async (query: Partial<AuditQuery>): Promise<readonly (string | undefined)[]> => {
    const entries = await store.auditEntries({ namespaces: ['names'], most: 10, match: 'prefix', ...query });
    return entries.map(({ requestId }) => requestId);
  };
  const named = (requestId: string, subject: string, channelId: string): AuditEntry => ({
    ...{ at: hour(60), action: 'stopRelay', namespace: 'names', outcome: 'ok', detail: {} },
    ...{ requestId, subject, channelId },
  });

  test('takes what a pattern could mean literally, and names of any length', async () => {
    await store.appendAudit([
      named('plain', 'oidc:https://issuer.example/a_b#alice@example.com', 'Autumn_sale'),
      named('other', 'ticket:seller:alice', 'autumnXsale'),
      named('long', `oidc:https://issuer.example#${'x'.repeat(8_000)}`, '100% off'),
    ]);
    expect(await found({ channelId: 'autumn_' })).toEqual(['plain']);
    expect(await found({ channelId: 'AUTUMN' })).toEqual(['other', 'plain']);
    expect(await found({ channelId: '100%' })).toEqual(['long']);
    expect(await found({ channelId: '%' })).toEqual([]);
    expect(await found({ channelId: 'autumn\\' })).toEqual([]);
    expect(await found({ subject: 'Alice' })).toEqual(['other', 'plain']);
    expect(await found({ subject: 'oidc:https://issuer.example/' })).toEqual(['plain']);
    expect(await found({ subject: 'x'.repeat(1_000) })).toEqual(['long']);
  });

  test('is found by an index, and not by reading the log', async () => {
    await server.query(
      `insert into livechannel_audit (at, subject, action, namespace, channel_id, outcome, request_id)
       select now(), 'oidc:https://issuer.example#user-' || n, 'stopRelay', 'busy', 'show-' || n, 'ok', 'b' || n
       from generate_series(1, 20000) as n`,
      { url },
    );
    await server.query('analyze livechannel_audit', { url });
    const scans = async (): Promise<readonly string[]> => {
      const used = await server.query(
        `select indexdef from pg_stat_user_indexes join pg_indexes on indexname = indexrelname
         where idx_scan > 0 and tablename = 'livechannel_audit'`,
        { url },
      );
      return used.map(({ indexdef }) => String(indexdef)).filter((text) => text.includes('lower('));
    };
    // Statistics are complete when the connection has ended.
    const reader = openStore({ url: () => new SecretText(url) });
    const query = { namespaces: ['busy', ''], most: 10, match: 'prefix' } as const;
    expect(await reader.auditEntries({ ...query, channelId: 'SHOW-1999' })).toHaveLength(10);
    expect(await reader.auditEntries({ ...query, subject: 'user-777' })).toHaveLength(10);
    await reader[Symbol.asyncDispose]();
    await eventually('the indices were used', 10, async () => (await scans()).length === 3);
  });
});

describe('the audience reported by apps', () => {
  test('is the newest of each channel, whatever the order of the reports', async () => {
    const one = { namespace: 'shop', channelId: '1' };
    await store.reportAudience(one, 5, hour(1));
    await store.reportAudience(one, 3, hour(0));
    await store.reportAudience({ ...one, channelId: '2' }, 0, hour(0));
    expect(await store.audience(hour(1))).toEqual([{ ...one, at: hour(1), agoraViewers: 5 }]);
    expect(await store.audience(hour(0))).toHaveLength(2);
    await expect(store.reportAudience(one, -1, hour(3))).rejects.toMatchObject({ reason: 'Invalid' });
  });
});

describe("the operator's own table of channels", () => {
  const row = {
    namespace: 'shop',
    channelId: 'Show 1!',
    streamMode: 'auto',
    effectiveStreamMode: 'hybrid',
    hlsPlaybackUrl: 'https://play.example.com/1.m3u8',
    relayStatus: 'active',
    relayStartedAt: noon,
    streamingPlatform: 'ivs-eu',
    streamKeyId: 'key-1',
  };
  const ids = async () =>
    (await server.query('select namespace, id from channels order by 1, 2', { url })).map(
      ({ namespace, id }) => `${String(namespace)}/${String(id)}`,
    );

  test('contains the projected channels, and drops the others of those namespaces', async () => {
    await store.projectChannels([row, { ...row, namespace: 'b' }, { ...row, channelId: '2' }], undefined);
    expect(await ids()).toEqual(['b/Show 1!', 'shop/2', 'shop/Show 1!']);
    await store.projectChannels([{ ...row, relayStatus: undefined }], ['shop']);
    expect(await ids()).toEqual(['b/Show 1!', 'shop/Show 1!']);
    expect(await server.query("select * from channels where namespace = 'shop'", { url })).toEqual([
      {
        namespace: 'shop',
        id: 'Show 1!',
        stream_mode: 'auto',
        hls_playback_url: 'https://play.example.com/1.m3u8',
        relay_status: null,
        relay_started_at: noon,
        streaming_platform: 'ivs-eu',
        stream_key_id: 'key-1',
      },
    ]);
    await store.projectChannels([], undefined);
    expect(await ids()).toEqual([]);
  });
});
