import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { freePorts } from '../../../hack/cluster/free-ports.ts';
import { Authority } from '../../../hack/cluster/pki.ts';
import type { LiveChannel } from '../../../src/api/live-channel.ts';
import type { StreamingPlatform } from '../../../src/api/streaming-platform.ts';
import { webhookSchema, type WebhookMessage } from '../../../src/api/webhooks.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { Change } from '../../../src/kube/reflector.ts';
import { keyOf } from '../../../src/kube/resource.ts';
import { runRecorder } from '../../../src/recorder/recorder.ts';
import { recorderSettingsSchema } from '../../../src/recorder/settings.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { recordedChannels } from '../../fixtures/recorded-channels.ts';
import { blocksOf, readDoc } from '../../support/docs/markdown-blocks.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { observeFor } from '../../support/wait/observe-for.ts';

const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

let folder: string;
let database: TestPostgres;
let store: Store;
let databaseUrl: string;
let receiver: ChildProcess;
let balancer: Server;
let address: string;
/** What the documented receiver handled, each once, in order. */
const handled: WebhookMessage[] = [];
/** Each request: its id, and the status of the answer. */
let requests: { readonly id: string; readonly body: string; readonly status: number }[] = [];
/** Whether the receiver is reachable for a message. */
let isUp: (type: string) => boolean = () => true;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-messages-'));
  database = await TestPostgres.start();
  const url = await migratedDatabase(database);
  databaseUrl = url().reveal();
  store = openStore({ url });
  await startReceiver();
  await startBalancer();
}, 120_000);
afterAll(async () => {
  receiver.kill();
  balancer.closeAllConnections();
  balancer.close();
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

let port: number;
/** The receiver of the documentation, as a process of its own. */
async function startReceiver(): Promise<void> {
  const page = await readDoc('build/events-and-webhooks.md');
  const [block = ''] = blocksOf(page, 'ts').filter((each) => each.startsWith('// server/webhook.ts'));
  const handle = 'function handle(message: WebhookMessage): void {';
  if (!block.includes(handle)) throw new Error('the receiver of the documentation has no function handle');
  // As documented, and prints what it handles as well.
  const printing = block.replace(handle, `${handle}\n  console.log(JSON.stringify(message));`);
  await writeFile(join(folder, 'webhook.ts'), printing);
  [port = 0] = await freePorts(1);
  receiver = spawn(process.execPath, [join(folder, 'webhook.ts')], {
    env: { PATH: process.env['PATH'], PORT: String(port), LIVECHANNEL_WEBHOOK_SECRET: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (receiver.stdout === null) throw new Error('the receiver has no output');
  createInterface({ input: receiver.stdout }).on('line', (line) => {
    if (line.startsWith('{')) handled.push(webhookSchema.parse(JSON.parse(line)));
  });
  await eventually('the receiver listens', 20, async () => (await forward('{}', {})) === 401);
}

async function forward(
  body: string,
  headers: Record<string, string | string[] | undefined>,
): Promise<number> {
  const request = plainRequest({ host: '127.0.0.1', port, method: 'POST', headers });
  const answered = once(request, 'response');
  request.end(body);
  const [response] = (await answered) as [NodeJS.ReadableStream & { readonly statusCode: number }];
  response.resume();
  return response.statusCode;
}

/** TLS ends here, as at an app's load balancer. */
async function startBalancer(): Promise<void> {
  const authority = await Authority.create(folder, 'test');
  const pair = await authority.issue('hooks', { commonName: 'hooks', alternativeNames: ['IP:127.0.0.1'] });
  balancer = createServer(
    { cert: await readFile(pair.certificate), key: await readFile(pair.key) },
    (request, response) => {
      void (async () => {
        const body = await text(request);
        const { type } = webhookSchema.parse(JSON.parse(body));
        const { 'content-length': _length, host: _host, ...headers } = request.headers;
        const status = isUp(type) ? await forward(body, headers) : 503;
        requests.push({ id: String(headers['webhook-id']), body, status });
        response.writeHead(status).end();
      })();
    },
  );
  balancer.listen(0, '127.0.0.1');
  await once(balancer, 'listening');
  address = `https://127.0.0.1:${String((balancer.address() as AddressInfo).port)}/`;
  await writeFile(join(folder, 'url'), address);
  await writeFile(join(folder, 'secret'), secret);
}

/** The channels and platforms of the cluster, as in the caches of the operator. */
let channels: Map<string, LiveChannel>;
let platforms: StreamingPlatform[];
const listeners = new Set<(change: Change<LiveChannel>) => void>();
let version = 100;
const fixture = recordedChannels(3);
const events: string[] = [];

function put(channel: LiveChannel, status: object = {}, metadata: object = {}): void {
  version += 1;
  const object = {
    ...channel,
    metadata: { ...channel.metadata, ...metadata, resourceVersion: String(version) },
    status: { ...channel.status, ...status } as LiveChannel['status'],
  };
  const previous = channels.get(keyOf(object.metadata));
  channels.set(keyOf(object.metadata), object);
  for (const notify of listeners)
    notify({ type: previous === undefined ? 'added' : 'updated', object, previous, initial: false });
}
function remove(channel: LiveChannel): void {
  version += 1;
  channels.delete(keyOf(channel.metadata));
  const object = { ...channel, metadata: { ...channel.metadata, resourceVersion: String(version) } };
  for (const notify of listeners) notify({ type: 'deleted', object, initial: false });
}
const show = (): LiveChannel => {
  const found = channels.get('shop/show-0');
  if (found === undefined) throw new Error('the channel does not exist');
  return found;
};

interface Leader {
  readonly registry: Registry;
  stop(): Promise<void>;
}
let leader: Leader | undefined;
function startLeader(settings: Record<string, string> = {}): Leader {
  const stop = new AbortController();
  const registry = new Registry();
  const run = runRecorder(
    {
      ...fixture,
      channels: { get: (ref) => channels.get(keyOf(ref)), list: () => [...channels.values()] },
      platforms: {
        get: ({ name }) => platforms.find(({ metadata }) => metadata.name === name),
        list: () => platforms,
      },
      settings: recorderSettingsSchema.parse({
        LIVECHANNEL_SAMPLE_SECONDS: '1',
        LIVECHANNEL_WEBHOOK_URL_FILE: join(folder, 'url'),
        LIVECHANNEL_WEBHOOK_SECRET_FILE: join(folder, 'secret'),
        LIVECHANNEL_WEBHOOK_CA_FILE: join(folder, 'ca.crt'),
        LIVECHANNEL_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
        ...settings,
      }),
      store,
      clock: systemClock,
      logger: silentLogger,
      random: Math.random,
      registry,
      usageOf: () => Promise.resolve(undefined),
      event: (object, _, reason, message) => events.push(`${object.metadata.name} ${reason} ${message}`),
      onChange: (notify) => {
        listeners.add(notify);
        for (const object of channels.values()) notify({ type: 'added', object, initial: true });
        return () => listeners.delete(notify);
      },
    },
    stop.signal,
  );
  const started: Leader = {
    registry,
    async stop() {
      stop.abort();
      await run;
    },
  };
  leader = started;
  return started;
}

beforeEach(async () => {
  for (const table of ['livechannel_alerts', 'livechannel_outbox', 'livechannel_announced'])
    await database.query(`delete from ${table}`, { url: databaseUrl });
  channels = new Map();
  platforms = [...fixture.platforms.list()];
  handled.length = 0;
  requests = [];
  isUp = () => true;
  const [first] = fixture.channels.list();
  if (first === undefined) throw new Error('no channel');
  put(first, {}, { creationTimestamp: '2026-11-23T05:00:00Z' });
});
afterEach(async () => {
  await leader?.stop();
});

function summaryOf(message: WebhookMessage): string {
  switch (message.type) {
    case 'livechannel.status':
      return `${message.type} ${message.data.channel.relay.status}`;
    case 'livechannel.mode':
      return `${message.type} ${message.data.mode}`;
    case 'livechannel.ended':
      return message.type;
    case 'livechannel.alert':
    case 'livechannel.alert.resolved':
      return `${message.type} ${message.data.kind}`;
  }
}
const summary = (): string[] => handled.map(summaryOf);
const received = (expected: readonly string[]): Promise<boolean> =>
  eventually(`received ${expected.join(', ')}`, 30, () => {
    if (JSON.stringify(summary()) === JSON.stringify(expected)) return true;
    throw new Error(JSON.stringify(summary()));
  });
const waiting = () => store.waitingMessages(100);

describe('messages about channels', () => {
  test('arrive signed, each once, and in order', async () => {
    startLeader();
    await received(['livechannel.status active']);
    put(show(), { effectiveStreamMode: 'hls-only' });
    await received(['livechannel.status active', 'livechannel.mode hls-only', 'livechannel.status active']);
    put(show(), { relayStatus: 'error' });
    await eventually('the error', 20, () => summary().at(-1) === 'livechannel.status error');
    remove(show());
    await eventually('the end', 20, () => summary().at(-1) === 'livechannel.ended');
    await observeFor(3);
    expect(handled).toHaveLength(5);
    expect(new Set(requests.map(({ id }) => id)).size).toBe(5);
    expect(requests.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
    expect(await waiting()).toEqual([]);
    const [first] = handled;
    expect(first?.data).toMatchObject({
      namespace: 'shop',
      channel: { id: 'show-0', playbackUrl: 'https://play.example/show-0/index.m3u8' },
    });
  }, 90_000);

  test('are not repeated by a new leader, which sends what changed in between', async () => {
    await startLeader().stop();
    startLeader();
    await received(['livechannel.status active']);
    await leader?.stop();
    startLeader();
    await observeFor(3);
    expect(handled).toHaveLength(1);
    await leader?.stop();
    put(show(), { relayStatus: 'stopped' });
    startLeader();
    await received(['livechannel.status active', 'livechannel.status stopped']);
    await leader?.stop();
    remove(show());
    startLeader();
    await eventually('the end', 20, () => summary().at(-1) === 'livechannel.ended');
    expect(handled).toHaveLength(3);
  }, 90_000);

  test('have the same id in every attempt, also under another leader', async () => {
    isUp = () => false;
    startLeader();
    await eventually('an attempt', 20, () => requests.length > 0);
    await leader?.stop();
    isUp = () => true;
    startLeader();
    await received(['livechannel.status active']);
    expect(new Set(requests.map(({ id }) => id)).size).toBe(1);
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
  }, 90_000);

  test('replace each other while the receiver is down: it gets the current state, not the history', async () => {
    isUp = () => false;
    startLeader();
    for (let change = 0; change < 5; change++) {
      put(show(), {
        relayStatus: change % 2 === 0 ? 'error' : 'active',
        effectiveStreamMode: change % 2 === 0 ? 'hls-only' : 'hybrid',
      });
      await observeFor(1.5);
    }
    expect((await store.waitingMessages(10)).length).toBe(1);
    isUp = () => true;
    await received(['livechannel.mode hls-only', 'livechannel.status error']);
  }, 120_000);

  test('are those that the settings choose', async () => {
    startLeader({ LIVECHANNEL_WEBHOOK_EVENTS: 'ended' });
    await eventually('announced', 20, async () => (await store.announced(undefined)).length === 1);
    put(show(), { relayStatus: 'error' });
    await observeFor(2);
    remove(show());
    await received(['livechannel.ended']);
  }, 60_000);
});

describe('alerts', () => {
  const restarts = (count: number): void => {
    const relay = {
      restarts: count,
      lastRestartReason: 'OOMKilled',
      lastRestartTime: new Date().toISOString(),
    };
    put(show(), { relay });
  };

  test('are delivered while messages about channels are not accepted', async () => {
    isUp = (type) => type.startsWith('livechannel.alert');
    restarts(0);
    startLeader();
    await eventually('a failed status', 20, () => requests.length > 0);
    await observeFor(6); // the first pass of the watch has seen the count
    restarts(3);
    await received(['livechannel.alert RelayRestarting']);
  }, 90_000);

  test('are raised once under two leaders, and resolved when the channel is deleted', async () => {
    restarts(0);
    const { registry } = startLeader({ LIVECHANNEL_WEBHOOK_EVENTS: 'alert' });
    await observeFor(6);
    restarts(3);
    await received(['livechannel.alert RelayRestarting']);
    expect(handled[0]?.data).toMatchObject({
      namespace: 'shop',
      channelId: 'show-0',
      platform: 'ivs-eu',
      severity: 'warning',
      message: 'The relay restarted 3 times within 10 min, the last time because of OOMKilled.',
    });
    expect(await registry.metrics()).toContain('livechannel_alerts_open{kind="RelayRestarting"} 1');
    expect(events).toContainEqual(expect.stringMatching(/^show-0 AlertRaised RelayRestarting: /));
    await leader?.stop();
    startLeader({ LIVECHANNEL_WEBHOOK_EVENTS: 'alert' });
    await observeFor(7);
    expect(handled).toHaveLength(1);
    await leader?.stop();
    remove(show());
    startLeader({ LIVECHANNEL_WEBHOOK_EVENTS: 'alert' });
    await received(['livechannel.alert RelayRestarting', 'livechannel.alert.resolved RelayRestarting']);
    expect(requests.map(({ id }) => id.replace(/\d+/, 'N'))).toEqual([
      'livechannel-alert-N',
      'livechannel-alert-N-resolved',
    ]);
  }, 120_000);

  test('of a platform have no channel, and are resolved when the platform is deleted', async () => {
    await store.raiseAlert({
      ...{ namespace: undefined, channelId: undefined, platform: 'ivs-eu', raisedAt: new Date() },
      ...{ kind: 'PlatformNotReady', severity: 'critical', message: 'why', occasion: 'earlier' },
    });
    platforms = [];
    startLeader({ LIVECHANNEL_WEBHOOK_EVENTS: 'alert' });
    await eventually(
      'resolved',
      30,
      () => summary().at(-1) === 'livechannel.alert.resolved PlatformNotReady',
    );
    expect(handled.at(-1)?.data).toMatchObject({ namespace: null, channelId: null, platform: 'ivs-eu' });
  }, 60_000);
});
