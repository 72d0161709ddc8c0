import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Authority } from '../../../hack/cluster/pki.ts';
import { SecretText } from '../../../src/base/secret-text.ts';
import { webhookSchema, type WebhookMessage } from '../../../src/api/webhooks.ts';
import { relayNumbersSchema } from '../../../src/api/live-numbers.ts';
import { liveChannelType } from '../../../src/api/kinds.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { connect } from '../../../src/store/connect.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

const sampleSeconds = 1;
const webhookKey = Buffer.alloc(32, 5);
interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly message: WebhookMessage;
}
const received: Received[] = [];
const alertsOf = (channelId: string): Received[] =>
  received.filter(
    ({ message: { type, data } }) => type === 'livechannel.alert' && data.channelId === channelId,
  );
let folder: string;
let receiver: Server;
let database: TestPostgres;
let stage: OperatorStage;
let store: Store;
let namespace: string;

beforeAll(async () => {
  database = await TestPostgres.start();
  const url = () => new SecretText(database.url);
  await using db = connect({ url, poolSize: 1, connectTimeoutMs: 5_000, statementTimeoutMs: 30_000 });
  await migrate(db, { ownSchema: false });
  store = openStore({ url });
  await startReceiver();
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  namespace = await stage.namespace();
  startOperator();
}, 120_000);
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  receiver.close();
  await rm(folder, { recursive: true });
}, 60_000);

/** The webhook's receiver: a real TLS server with a certificate of its own CA. */
async function startReceiver(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-recording-'));
  const authority = await Authority.create(folder, 'test');
  const pair = await authority.issue('hooks', { commonName: 'hooks', alternativeNames: ['IP:127.0.0.1'] });
  receiver = createServer(
    { cert: await readFile(pair.certificate), key: await readFile(pair.key) },
    (request, response) => {
      void text(request).then((body) => {
        received.push({ headers: request.headers, body, message: webhookSchema.parse(JSON.parse(body)) });
        response.writeHead(202).end();
      });
    },
  );
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as AddressInfo;
  await writeFile(join(folder, 'url'), `https://127.0.0.1:${String(port)}/alerts`);
  await writeFile(join(folder, 'secret'), `whsec_${webhookKey.toString('base64')}`);
}

function startOperator(): void {
  stage.startOperator({
    DATABASE_URL: database.url,
    LIVECHANNEL_SAMPLE_SECONDS: String(sampleSeconds),
    LIVECHANNEL_WEBHOOK_URL_FILE: join(folder, 'url'),
    LIVECHANNEL_WEBHOOK_SECRET_FILE: join(folder, 'secret'),
    LIVECHANNEL_WEBHOOK_CA_FILE: join(folder, 'ca.crt'),
    LIVECHANNEL_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
  });
}

interface Row {
  readonly at: Date;
  readonly after_gap: boolean;
  readonly bitrate_kbps: number | null;
  readonly hls_viewers: number | null;
  readonly agora_viewers: number | null;
  readonly relay_status: string | null;
  readonly relay_health: string | null;
}
async function samplesOf(channelId: string): Promise<readonly Row[]> {
  const rows = await database.query(
    'select "timestamp" as at, * from stream_metrics where namespace = $1 and channel_id = $2 order by 1',
    { values: [namespace, channelId] },
  );
  return rows as unknown as Row[];
}
async function projected(channelId: string): Promise<Record<string, unknown> | undefined> {
  const [row] = await database.query('select * from channels where namespace = $1 and id = $2', {
    values: [namespace, channelId],
  });
  return row;
}
const ref = (name: string): Ref => ({ namespace, name });

test('samples a live channel with data of its relay, its platform and the app', async () => {
  await stage.apply(ref('shown'));
  await stage.onAir(ref('shown'));
  for (const stream of stage.origin.streams.values()) Object.assign(stream, { live: true, viewers: 12 });
  await store.reportAudience({ namespace, channelId: 'shown' }, 3, systemClock.now());
  const rows = await eventually('a sample with all values', 20, async () => {
    const all = await samplesOf('shown');
    const known = all.some(
      (row) => row.bitrate_kbps !== null && row.agora_viewers === 3 && row.hls_viewers === 12,
    );
    if (known && all.length > 5) return all;
    throw new Error(JSON.stringify(all.at(-1)));
  });
  expect(rows[0]?.after_gap).toBe(true);
  expect(rows.slice(1).some(({ after_gap: gap }) => gap)).toBe(false);
  expect(rows.at(-1)).toMatchObject({ relay_status: 'active', relay_health: 'good', agora_viewers: 3 });
  const [newest] = await store.latestSamples(namespace, new Date(Date.now() - 60_000));
  expect(newest).toMatchObject({ namespace, channelId: 'shown', platform: 'origin', agoraViewers: 3 });
});

test('a channel whose name stands for NUL is recorded by its name, and no other goes unrecorded', async () => {
  await stage.apply(ref('x-00'), { suspend: true });
  await stage.apply(ref('beside'), { suspend: true });
  for (const id of ['beside', 'x-00']) await eventually(`the row of ${id}`, 20, () => projected(id));
  expect(stage.log).toContain('the name stands for a channel ID with control characters');
});

test('writes what is measured of it now, and nothing once it is off air', async () => {
  const live = async () =>
    (await store.liveNumbers(namespace)).filter(({ channelId }) => channelId === 'shown');
  const [row] = await eventually('its live numbers', 20, async () => {
    await store.reportAudience({ namespace, channelId: 'shown' }, 4, systemClock.now());
    const rows = await live();
    return rows.some(({ agoraViewers }) => agoraViewers === 4) ? rows : undefined;
  });
  expect(row).toMatchObject({ hlsViewers: 12 });
  expect(relayNumbersSchema.parse(row?.report)).toMatchObject({ picture: 'live', health: 'good' });
  await stage.apply(ref('shown'), { suspend: true });
  await eventually('no live numbers', 30, async () => (await live()).length === 0);
}, 60_000);

test('keeps the row of a channel up to date, from the first status to its deletion', async () => {
  const channel = await stage.apply(ref('followed'), { streamMode: 'hybrid' });
  await stage.onAir(ref('followed'));
  const row = await eventually('the row says active', 20, async () => {
    const its = await projected('followed');
    return its?.['relay_status'] === 'active' ? its : undefined;
  });
  const { status } = await stage.onAir(ref('followed'));
  expect(row).toMatchObject({
    stream_mode: 'hybrid',
    hls_playback_url: status?.hlsPlaybackUrl,
    streaming_platform: 'origin',
    stream_key_id: status?.streamKeyId,
    relay_started_at: new Date(status?.relayStartedAt ?? ''),
  });
  await stage.kubectl(['delete', 'livechannel', 'followed', '-n', namespace]);
  await stage.gone(ref('followed'), channel.metadata.uid);
  await eventually('the row is gone', 20, async () =>
    (await projected('followed')) === undefined ? true : undefined,
  );
});

test('a webhook follows the channel from its first status to its end', async () => {
  const channel = await stage.apply(ref('announced'));
  await stage.onAir(ref('announced'));
  const statuses = (): string[] =>
    received.flatMap(({ message }) => {
      if (message.type === 'livechannel.ended' && message.data.channelId === 'announced') return ['ended'];
      return message.type === 'livechannel.status' && message.data.channel.id === 'announced'
        ? [message.data.channel.relay.status]
        : [];
    });
  await eventually('on air', 20, () => statuses().at(-1) === 'active');
  await stage.kubectl(['delete', 'livechannel', 'announced', '-n', namespace]);
  await stage.gone(ref('announced'), channel.metadata.uid);
  await eventually('ended', 20, () => statuses().at(-1) === 'ended');
  expect(statuses().filter((each) => each === 'ended')).toHaveLength(1);
});

test('the next leader restores rows that were overwritten', async () => {
  await stage.apply(ref('rebuilt'));
  await stage.onAir(ref('rebuilt'));
  await eventually('the row', 20, async () => projected('rebuilt'));
  await stage.stopOperator();
  await database.query("update channels set relay_status = 'nonsense'");
  await database.query('insert into channels (namespace, id) values ($1, $2)', {
    values: [namespace, 'left-over'],
  });
  startOperator();
  await eventually('the projection is whole', 20, async () => {
    const status = (await projected('rebuilt'))?.['relay_status'];
    return status === 'active' && (await projected('left-over')) === undefined ? true : undefined;
  });
});

test('a new leader marks the gap before its first sample', async () => {
  await stage.apply(ref('led'));
  await stage.onAir(ref('led'));
  await eventually('samples', 20, async () => ((await samplesOf('led')).length > 2 ? true : undefined));
  await stage.stopOperator();
  const before = (await samplesOf('led')).length;
  startOperator();
  const rows = await eventually('more samples', 20, async () => {
    const all = await samplesOf('led');
    return all.length > before + 2 ? all : undefined;
  });
  expect(rows[before]?.after_gap).toBe(true);
  expect(rows.slice(before + 1).some(({ after_gap: gap }) => gap)).toBe(false);
});

test('a new leader continues the hour of the previous one, and reports which part of it was not observed', async () => {
  await stage.apply(ref('charged'));
  await stage.onAir(ref('charged'));
  /** Of the relay's pod, which costs money while the channel is live; at a full hour there are two entries. */
  const seconds = async (): Promise<{ counted: number; missing: number }> => {
    const now = Date.now();
    const range = { from: new Date(now - 7_200_000), to: new Date(now + 3_600_000) };
    const entries = await store.costsOf({ namespace, channelId: 'charged', ...range });
    const pod = entries.filter(({ line }) => line === 'pod');
    return {
      counted: pod.reduce((sum, { quantity }) => sum + quantity, 0),
      missing: pod.reduce((sum, { missingSeconds }) => sum + missingSeconds, 0),
    };
  };
  const more = (than: number) =>
    eventually('the costs have increased', 20, async () => {
      const now = await seconds();
      return now.counted > than ? now : undefined;
    });
  const before = await more(0);
  await stage.stopOperator();
  const written = await seconds();
  const startedAt = (await stage.channel(ref('charged')))?.status?.relayStartedAt ?? '';
  startOperator();
  const { counted, missing } = await more(written.counted + before.counted);
  const onAirSeconds = (Date.now() - Date.parse(startedAt)) / 1_000;
  // No second counts twice and none gets lost: uncounted time is marked as missing. The latest entries are pending.
  expect(counted + missing).toBeLessThanOrEqual(onAirSeconds + 2);
  expect(counted + missing).toBeGreaterThan(onAirSeconds - 20);
  expect(missing).toBeGreaterThan(0);
}, 120_000);

test('a spent budget stops the channel, reports why, and sends one alert', async () => {
  const budget = { usd: '0', per: 'hour', actionAt80Percent: 'alert', actionAt100Percent: 'stop' };
  await stage.apply(ref('poor'), { budget });
  const { status } = await stage.channelIs(ref('poor'), 'stopped by its budget', ({ status: its }) => {
    const within = its?.conditions?.find(({ type }) => type === 'WithinBudget');
    return within?.status === 'False' && within.reason === 'BudgetSpent' && its?.relayStatus === 'stopped';
  });
  expect(status?.conditions?.find(({ type }) => type === 'WithinBudget')?.message).toMatch(
    /of \$0\.00 per hour has been spent\. The relay is stopped\./,
  );
  await stage.event(ref('poor'), 'Warning', 'BudgetSpent');
  const alerts = await eventually('the alert', 20, async () => {
    const all = await store.alerts({ namespace, channelId: 'poor', most: 10 });
    return all.length > 0 ? all : undefined;
  });
  expect(alerts).toMatchObject([{ kind: 'BudgetSpent', severity: 'critical', resolvedAt: undefined }]);
  const { headers, body, message } = await eventually('the webhook', 20, async () => alertsOf('poor')[0]);
  expect(message).toMatchObject({ data: { kind: 'BudgetSpent', namespace, channelId: 'poor' } });
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  expect(headers['webhook-signature']).toBe(
    `v1,${createHmac('sha256', webhookKey).update(signed).digest('base64')}`,
  );
  await stage.apply(ref('poor'), { budget: { ...budget, usd: '1000' } });
  await stage.onAir(ref('poor'));
  expect(alertsOf('poor')).toHaveLength(1);
});

test('streamMode auto brings viewers back from Agora when HLS is cheaper', async () => {
  const channel = await stage.apply(ref('chosen'), { streamMode: 'auto' });
  await stage.onAir(ref('chosen'));
  const decided = new Date(Date.now() - 1_800_000).toISOString();
  const choice = {
    channel: channel.metadata.uid,
    mode: 'agora-only',
    decidedAt: decided,
    at: decided,
    reason: 'CheaperOnAgora',
    message: '1 viewer',
  };
  await stage.stopOperator();
  await stage.client.patchMerge(liveChannelType, ref('chosen'), {
    metadata: { annotations: { 'livechannel.dev/mode': JSON.stringify(choice) } },
  });
  startOperator();
  await stage.channelIs(
    ref('chosen'),
    'on Agora alone',
    ({ status }) => status?.effectiveStreamMode === 'agora-only',
  );
  const reports = setInterval(() => {
    const key = { namespace, channelId: 'chosen' };
    store.reportAudience(key, 40, systemClock.now()).catch(() => undefined);
  }, 1_000);
  try {
    const said = await eventually('the event', 60, async () =>
      (await stage.events(ref('chosen'))).find(({ reason }) => reason === 'CheaperOnHls'),
    );
    expect(said.message).toMatch(/^40 viewers cost \$[\d.]+\/h on Agora, \$[\d.]+\/h on origin$/);
    await stage.channelIs(
      ref('chosen'),
      'hybrid again',
      ({ status }) => status?.effectiveStreamMode === 'hybrid',
    );
  } finally {
    clearInterval(reports);
  }
}, 120_000);

test('the operator works without its database, and pending writes follow when the database is back', async () => {
  await stage.apply(ref('patient'));
  await stage.onAir(ref('patient'));
  await eventually('samples', 20, async () => ((await samplesOf('patient')).length > 2 ? true : undefined));
  await database.stop();
  const away = Date.now();
  await stage.apply(ref('meanwhile'));
  await stage.onAir(ref('meanwhile'));
  await eventually('twenty seconds have passed', 30, async () =>
    Date.now() - away > 20_000 ? true : undefined,
  );
  expect(stage.log).toContain('recorder task failed; it will be retried');
  expect(stage.log).not.toContain('"level":50');
  await database.start();
  const back = Date.now();
  const rows = await eventually('the samples of the outage', 60, async () => {
    const all = await samplesOf('patient');
    return (all.at(-1)?.at.getTime() ?? 0) > back ? all : undefined;
  });
  const times = rows.map(({ at }) => at.getTime());
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  // Every second is counted or marked as missing.
  pauses.forEach((pause, index) => {
    if (pause > 2_500 * sampleSeconds) expect(rows[index + 1]?.after_gap).toBe(true);
  });
  expect(times.filter((time) => time > away && time < back).length).toBeGreaterThan(15);
  await eventually('the row of the later channel', 20, async () =>
    (await projected('meanwhile'))?.['relay_status'] === 'active' ? true : undefined,
  );
}, 120_000);

test('the database URL is not in the log', () => {
  expect(stage.log).toContain('database is ready; recording');
  expect(stage.log).not.toContain('only-for-tests');
});
