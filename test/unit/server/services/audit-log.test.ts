import { expect, test } from '@jest/globals';
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
  readonly store: { away: boolean };
  readonly end: () => Promise<void>;
} {
  const clock = new FakeClock();
  const written: string[] = [];
  const logged: object[] = [];
  const store = { away: false };
  const audit = new AuditLog(
    {
      appendAudit: async (entries) => {
        if (store.away) throw new Error('away');
        written.push(...entries.map(({ requestId }) => requestId));
      },
    },
    clock,
    { ...silentLogger, info: (fields) => logged.push(fields) },
  );
  const stop = new AbortController();
  const running = audit.run(stop.signal);
  return {
    audit,
    clock,
    written,
    logged,
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
