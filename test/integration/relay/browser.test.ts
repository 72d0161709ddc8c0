import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { BrowserKeeper } from '../../../src/relay/browser/browser-keeper.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type { Fault } from '../../../src/relay/facts.ts';
import { relaySettingsSchema } from '../../../src/relay/settings.ts';
import { eventually } from '../../support/wait/eventually.ts';

const run = promisify(execFile);

/** What a page of the relay does as far as the keeper is concerned: it asks for itself, and then says that it lives. */
const page = (script: string): string =>
  `<script>setInterval(() => fetch('/heartbeat'), 100);${script}</script>`;

let folder: string;
let server: Server;
let script = '';
let pages = 0;
let keeper: BrowserKeeper;
let faults: Fault[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-browser-'));
  script = '';
  pages = 0;
  faults = [];
  server = createServer((request, response) => {
    if (request.url === '/page') pages += 1;
    else if (request.url === '/heartbeat') keeper.heartbeat();
    response.setHeader('content-type', 'text/html').end(request.url === '/page' ? page(script) : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  keeper = new BrowserKeeper({
    chromium: {
      binary: relaySettingsSchema.parse({}).LIVECHANNEL_CHROMIUM,
      extraArguments: [],
      certificatePins: [],
      profiles: folder,
    },
    pageUrl: `http://127.0.0.1:${String(address.port)}/page`,
    clock: systemClock,
    random: () => 0.5,
    log: pino({ level: 'silent' }),
    onDown: (fault) => faults.push(fault),
    onChange: () => undefined,
  });
  keeper.start();
  await up();
}, 60_000);

afterEach(async () => {
  await keeper.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const up = (): Promise<unknown> => eventually('the page is up', 20, () => keeper.facts.phase === 'up');

test('a page that crashes is replaced in the same browser', async () => {
  const { pid } = keeper;
  for (const renderer of await renderers(pid)) process.kill(renderer, 'SIGKILL');
  await eventually('another page was asked for', 10, () => pages === 2);
  await up();
  expect(keeper.pid).toBe(pid);
  expect(faults).toMatchObject([{ reason: 'BrowserCrashed', message: 'The page crashed.' }]);
}, 60_000);

test('a page that hangs is replaced, too, and gives no sign of life before', async () => {
  const { pid } = keeper;
  script = 'setTimeout(() => { for (;;); }, 500);';
  keeper.replacePage({ reason: 'BrowserCrashed', message: 'for the test' });
  await up();
  await eventually('it hangs', 20, () => silence() > 1_500);
  script = '';
  keeper.replacePage({ reason: 'BrowserCrashed', message: 'It hangs.' });
  await up();
  await eventually('the new page lives', 10, () => silence() < 500);
  expect(keeper.pid).toBe(pid);
  expect(pages).toBe(3);
}, 60_000);

test('a third page in a row gets another browser', async () => {
  const { pid } = keeper;
  for (const attempt of [1, 2, 3]) {
    keeper.replacePage({ reason: 'BrowserCrashed', message: `attempt ${String(attempt)}` });
    await eventually(`attempt ${String(attempt)} is over`, 20, () => keeper.facts.phase !== 'starting');
  }
  expect(keeper.facts.phase).toBe('down');
  keeper.start();
  await up();
  expect(keeper.pid).not.toBe(pid);
}, 60_000);

test('its memory is known', async () => {
  const memory = await eventually('it was measured', 20, () => {
    const { facts } = keeper;
    return facts.phase === 'up' ? facts.memoryMiB : undefined;
  });
  expect(memory).toBeGreaterThan(20);
  expect(memory).toBeLessThan(1_000);
}, 60_000);

/** Chromium's renderers among a process's descendants. */
async function renderers(browser: number | undefined): Promise<number[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,ppid=,args=']);
  const rows = stdout.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line));
  const parentOf = new Map(rows.map((row) => [Number(row?.[1]), Number(row?.[2])]));
  const isBelow = (pid: number): boolean =>
    pid === browser || (parentOf.has(pid) && isBelow(parentOf.get(pid) ?? 0));
  return rows.flatMap((row) =>
    row?.[3]?.includes('--type=renderer') === true && isBelow(Number(row[1])) ? [Number(row[1])] : [],
  );
}

function silence(): number {
  const { facts } = keeper;
  return facts.phase === 'up' ? systemClock.monotonic() - facts.heartbeatAt : 0;
}
