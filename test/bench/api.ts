/** make bench-api: see `summary` below. */
import autocannon, { type Result } from 'autocannon';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Order, Told } from './api-server-main.ts';
import { openBench } from './lib/bench.ts';
import { markdownTable } from './lib/markdown-table.ts';
import { numberSetting } from './lib/settings.ts';

const bench = openBench({
  name: 'api',
  summary:
    'Playback and relay status reads of the service compared with a bare fastify server that returns a constant, alternating; ' +
    'latencies at a fixed rate; and thousands of event subscribers.',
  needs: () => [],
  settings: {
    ROUNDS: numberSetting(3, 'rounds of each read; the median counts'),
    SECONDS: numberSetting(5, 'seconds per round'),
    RATE: numberSetting(1_000, 'requests per second for the latencies'),
    SUBSCRIBERS: numberSetting(5_000, 'subscribers to the events of one channel'),
    CHANGES: numberSetting(10, 'changes sent to all subscribers'),
  },
  limitMinutes: ({ ROUNDS, SECONDS }) => 10 + (ROUNDS * SECONDS * 8) / 60,
});
const {
  ROUNDS: rounds,
  SECONDS: seconds,
  RATE: rate,
  SUBSCRIBERS: subscribers,
  CHANGES: changes,
} = bench.settings;

const goalShare = 0.6;
/**
 * `pipelined` is how fastify measures itself (https://github.com/fastify/benchmarks: autocannon -c 100 -p 10). With
 * one request at a time per connection, the kernel schedules the waiting client for each response, which costs the
 * slower server more than its own work: this figure is reported but has no goal.
 */
const loads = {
  pipelined: { connections: 100, pipelining: 10 },
  'one at a time': { connections: 50, pipelining: 1 },
} as const;
type Load = (typeof loads)[keyof typeof loads];
const paths = { playback: '/v1/channels/show-7/playback', relay: '/v1/channels/show-7/relay' };

let bare: Server;
let app: Server;
await bench.run(async () => {
  bench.report('starting the service and the bare fastify server');
  bare = await startServer('bare');
  app = await startServer('app');
  const reads = await measureReads();
  const atRate = await measureAtRate();
  const events = await measureEvents();
  const rows = [...reads, ...atRate, ...events];
  console.log(
    markdownTable(
      ['figure', 'value', 'goal'],
      rows.map(({ name, value, unit, goal }) => [
        name,
        `${value.toFixed(2)}${unit === '%' ? '' : ' '}${unit}`,
        goal ?? '',
      ]),
    ),
  );
  await bench.write({ rounds, seconds, rate, subscribers, changes, rows });
  bare.process.kill();
  app.process.kill();
});

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: string;
}

/** Alternating, so that other load on the machine affects all servers alike. The median of the rounds counts. */
async function measureReads(): Promise<readonly Row[]> {
  const targets = [
    ['bare fastify', bare, '/'],
    ['playback', app, paths.playback],
    ['relay', app, paths.relay],
  ] as const;
  bench.report('warming up');
  for (const [, server, path] of targets) await shoot(server, path, 2, loads.pipelined);
  const rows: Row[] = [];
  for (const [how, load] of Object.entries(loads)) {
    const perSecond = targets.map(() => [] as number[]);
    for (let round = 0; round < rounds; round += 1) {
      bench.report(`reads, ${how}: round ${String(round + 1)} of ${String(rounds)}`);
      for (const [at, [, server, path]] of targets.entries())
        perSecond[at]?.push((await shoot(server, path, seconds, load)).requests.average);
    }
    const [bareRate = NaN, ...appRates] = perSecond.map(middle);
    rows.push({ name: `bare fastify, ${how}`, value: bareRate, unit: 'requests/s' });
    for (const [at, value] of appRates.entries()) {
      const name = `${targets[at + 1]?.[0] ?? ''}, ${how}`;
      rows.push(
        { name, value, unit: 'requests/s' },
        {
          ...{ name: `${name}, share of the bare server`, value: (value / bareRate) * 100, unit: '%' },
          ...(load === loads.pipelined ? { goal: `at least ${String(goalShare * 100)}%` } : {}),
        },
      );
    }
  }
  return rows;
}

async function measureAtRate(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [name, path] of Object.entries(paths)) {
    bench.report(`${name} at ${String(rate)} requests per second`);
    const { latency, requests } = await shoot(app, path, seconds, loads['one at a time'], rate);
    rows.push(
      { name: `${name} at ${String(rate)}/s, achieved`, value: requests.average, unit: 'requests/s' },
      { name: `${name} at ${String(rate)}/s, p99`, value: latency.p99, unit: 'ms' },
    );
  }
  return rows;
}

async function measureEvents(): Promise<readonly Row[]> {
  bench.report(`${String(subscribers)} subscribers`);
  const before = await memory();
  const agent = new Agent({ maxSockets: Infinity });
  let got = 0;
  let all = Promise.withResolvers<undefined>();
  const open: IncomingMessage[] = [];
  const subscribe = async (): Promise<void> => {
    const asked = request({
      ...{ agent, host: '127.0.0.1', port: app.port, path: '/v1/channels/show-0/events' },
      headers: { authorization: `Bearer ${app.token}` },
    });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]; // the format of node:http
    if (answer.statusCode !== 200) throw new Error(`a subscriber got status ${String(answer.statusCode)}`);
    open.push(answer);
    answer.setEncoding('utf8').on('data', (text: string) => {
      if (!text.includes('event: ')) return;
      got += 1;
      if (got === subscribers) all.resolve(undefined);
    });
  };
  for (let at = 0; at < subscribers; at += 50)
    await Promise.all(Array.from({ length: Math.min(50, subscribers - at) }, subscribe));
  await all.promise; // the initial snapshots
  const after = await memory();
  const delays: number[] = [];
  for (let change = 0; change < changes; change += 1) {
    got = 0;
    all = Promise.withResolvers();
    const began = performance.now();
    app.process.send('change' satisfies Order);
    await all.promise;
    delays.push(performance.now() - began);
  }
  for (const each of open) each.destroy();
  const kib = (bytes: number): number => bytes / 1_024 / subscribers;
  return [
    { name: 'subscribers', value: subscribers, unit: '' },
    { name: 'memory per subscriber, resident', value: kib(after.rss - before.rss), unit: 'KiB' },
    { name: 'memory per subscriber, heap', value: kib(after.heap - before.heap), unit: 'KiB' },
    { name: 'change to the last subscriber, median', value: middle(delays), unit: 'ms' },
    { name: 'change to the last subscriber, max', value: Math.max(...delays), unit: 'ms' },
  ];
}

interface Server {
  readonly process: ChildProcess;
  readonly port: number;
  readonly token: string;
}

async function startServer(kind: 'app' | 'bare'): Promise<Server> {
  const child = fork(new URL('./api-server-main.ts', import.meta.url), [kind], { execArgv: ['--expose-gc'] });
  const message = await nextMessage(child);
  if (!('port' in message)) throw new Error('the server sent something other than its port');
  return { process: child, ...message };
}

async function memory(): Promise<{ readonly rss: number; readonly heap: number }> {
  app.process.send('memory' satisfies Order);
  const message = await nextMessage(app.process);
  if (!('rss' in message)) throw new Error('the server sent something other than its memory usage');
  return message;
}

async function nextMessage(child: ChildProcess): Promise<Told> {
  const [message] = (await once(child, 'message', { signal: AbortSignal.timeout(30_000) })) as [Told]; // api-server.ts
  return message;
}

async function shoot(
  { port, token }: Server,
  path: string,
  duration: number,
  load: Load,
  overall?: number,
): Promise<Result> {
  const result = await autocannon({
    url: `http://127.0.0.1:${String(port)}${path}`,
    ...load,
    duration,
    ...(token === '' ? {} : { headers: { authorization: `Bearer ${token}` } }),
    ...(overall === undefined ? {} : { overallRate: overall }),
  });
  const bad = result.non2xx + result.errors;
  if (bad > 0) throw new Error(`${path}: ${String(bad)} requests failed`);
  return result;
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
