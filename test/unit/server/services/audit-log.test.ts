import { describe, expect, test } from '@jest/globals';
import { silentLogger } from '../../../../src/base/logger.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { AuditLog } from '../../../../src/server/services/audit-log.ts';
import type { AuditEntry } from '../../../../src/store/store.ts';

const entry = (requestId: string): AuditEntry => ({
  at: new Date(),
  subject: 'api-key:1',
  action: 'startRelay',
  namespace: 'shop',
  channelId: 'show',
  outcome: 'ok',
  requestId,
  detail: {},
});

function underTest(): {
  readonly audit: AuditLog;
  readonly clock: FakeClock;
  readonly written: string[];
  readonly logged: object[];
  readonly warned: { entries?: number }[];
  readonly store: { away: boolean; silent: boolean };
  readonly end: () => Promise<void>;
} {
  const clock = new FakeClock();
  const written: string[] = [];
  const logged: object[] = [];
  const warned: { entries?: number }[] = [];
  const store = { away: false, silent: false };
  const warn = (fields: { entries?: number }): void => {
    if (fields.entries !== undefined) warned.push(fields);
  };
  const audit = new AuditLog(
    {
      appendAudit: async (entries) => {
        if (store.silent) await new Promise(() => undefined);
        if (store.away) throw new Error('away');
        written.push(...entries.map(({ requestId }) => requestId));
      },
    },
    clock,
    { ...silentLogger, info: (fields) => logged.push(fields), warn, error: warn },
  );
  const stop = new AbortController();
  const running = audit.run(stop.signal);
  return {
    audit,
    clock,
    written,
    logged,
    warned,
    store,
    end: async () => {
      stop.abort();
      await running;
    },
  };
}

test('entries are logged at once, in the database soon, and at the latest on shutdown', async () => {
  const { audit, clock, written, logged, end } = underTest();
  audit.add(entry('1'));
  expect(logged).toHaveLength(1);
  expect(written).toEqual([]);
  await clock.advance(1_000);
  expect(written).toEqual(['1']);
  audit.add(entry('2'));
  await end();
  expect(written).toEqual(['1', '2']);
});

test('during an outage of the database they are kept in order; beyond the limit the oldest are dropped and counted', async () => {
  const { audit, clock, written, logged, store, end } = underTest();
  store.away = true;
  for (let index = 0; index < 5_003; index++) audit.add(entry(String(index)));
  await clock.advance(3_000);
  expect([audit.waiting, audit.dropped, logged.length]).toEqual([5_000, 3, 5_003]);
  store.away = false;
  await clock.advance(1_000);
  expect(written).toHaveLength(5_000);
  expect([written[0], written.at(-1)]).toEqual(['3', '5002']);
  expect(new Set(written).size).toBe(5_000);
  await end();
});

test('what a proxy passes on as an address is bounded', () => {
  const { audit, logged } = underTest();
  audit.add({ ...entry('1'), address: 'x'.repeat(10_000) });
  expect(logged).toEqual([{ audit: expect.objectContaining({ address: 'x'.repeat(64) }) }]);
});

test('what callers send is bounded, whatever it is', () => {
  const { audit, logged } = underTest();
  audit.add({
    ...entry('1'),
    address: 'x'.repeat(10_000),
    channelId: 'c'.repeat(10_000),
    subject: 's'.repeat(10_000),
    detail: { text: 'd'.repeat(100_000) },
  });
  expect(JSON.stringify(logged).length).toBeLessThan(5_000);
  expect(logged).toEqual([
    {
      audit: expect.objectContaining({
        detail: expect.objectContaining({ truncated: true, length: 100_011 }),
      }),
    },
  ]);
});

describe('requests of callers without permission', () => {
  const refusal = (address: string, outcome = 'not-authenticated'): AuditEntry => ({
    ...entry('1'),
    subject: 'anonymous',
    outcome,
    address,
  });

  test('have 20 entries a minute for each network of clients, and are counted beyond that', async () => {
    const { audit, clock, warned } = underTest();
    for (let count = 0; count < 1_000; count++) audit.add(refusal(`2001:db8::${count.toString(16)}`));
    expect([audit.waiting, audit.omitted]).toEqual([20, 980]);
    audit.add(refusal('192.0.2.1', 'not-allowed'));
    audit.add({ ...refusal('2001:db8::1'), subject: 'api-key:1', outcome: 'ok' });
    expect([audit.waiting, audit.omitted]).toEqual([22, 980]);
    await clock.advance(60_000);
    audit.add(refusal('2001:db8::1'));
    expect(audit.omitted).toBe(980);
    expect(warned.map(({ entries }) => entries)).toEqual([1, 979]);
  });

  test('have 200 entries a minute in all', () => {
    const { audit } = underTest();
    for (let count = 0; count < 1_000; count++) audit.add(refusal(`198.51.${count >> 8}.${count & 255}`));
    expect([audit.waiting, audit.omitted]).toEqual([200, 800]);
  });
});

describe('at the end', () => {
  test('the last entries are tried again until the database answers', async () => {
    const { audit, clock, written, store, end } = underTest();
    store.away = true;
    audit.add(entry('1'));
    const ended = end();
    await clock.advance(600);
    expect(written).toEqual([]);
    store.away = false;
    await clock.advance(600);
    await ended;
    expect(written).toEqual(['1']);
  });

  test.each(['refuses', 'never answers'])('a database that %s does not delay it for long', async (how) => {
    const { audit, clock, store, warned, end } = underTest();
    if (how === 'refuses') store.away = true;
    else store.silent = true;
    audit.add(entry('1'));
    const ended = end();
    await clock.advance(5_000);
    await ended;
    expect(warned.at(-1)).toEqual({ entries: 1 });
  });
});
