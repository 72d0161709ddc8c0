import { expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { builtInPrices } from '../../../../src/costs/list-prices.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { PricesFile } from '../../../../src/server/services/prices-file.ts';

test('the last valid price book stays in use if the file becomes invalid or is removed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'livechannel-prices-'));
  const path = join(folder, 'prices.yaml');
  const clock = new FakeClock();
  const stop = new AbortController();
  const asleep = async (): Promise<void> => {
    const deadline = Date.now() + 5_000;
    while (clock.pending === 0 && Date.now() < deadline) await nextTurn();
    expect(clock.pending).toBe(1);
  };
  const next = async (): Promise<string> => {
    await clock.advance(10_000);
    await asleep();
    return prices.value.version;
  };
  await writeFile(path, 'version: mine-1\n');
  const prices = new PricesFile(path, silentLogger);
  expect(prices.value).toBe(builtInPrices);
  const running = prices.run(clock, stop.signal);
  await asleep();
  expect(prices.value.version).toBe('mine-1');
  await writeFile(path, 'version: [');
  expect(await next()).toBe('mine-1');
  await writeFile(path, 'version: mine-2\n');
  expect(await next()).toBe('mine-2');
  await rm(path);
  expect(await next()).toBe('mine-2');
  stop.abort();
  await running;
  await rm(folder, { recursive: true });
});

test('without a file the built-in one is used', async () => {
  const prices = new PricesFile(undefined, silentLogger);
  await prices.run(new FakeClock(), new AbortController().signal);
  expect(prices.value).toBe(builtInPrices);
});
