/** make bench-platforms: see `summary` below. */
import { CreateChannelCommand, IvsClient } from '@aws-sdk/client-ivs';
import { streamingPlatformSpecSchema } from '../../src/api/streaming-platform.ts';
import { streamRecords } from '../../src/api/stream-records.ts';
import { liveChannelType } from '../../src/api/kinds.ts';
import { systemClock } from '../../src/base/clock.ts';
import { RateLimits } from '../../src/platforms/rate-limit.ts';
import { openPlatform } from '../../src/platforms/registry.ts';
import type { Call } from '../fixtures/clouds/call-log.ts';
import { scaledClock } from '../fixtures/clouds/scaled-clock.ts';
import { startClouds } from '../fixtures/clouds/start-clouds.ts';
import { OperatorStage } from '../support/operator/operator-stage.ts';
import { openBench } from './lib/bench.ts';
import { markdownTable } from './lib/markdown-table.ts';
import { numberSetting } from './lib/settings.ts';
import { eventually } from '../support/wait/eventually.ts';

const bench = openBench({
  name: 'platforms',
  summary:
    'Channels created on the IVS stand-in at its real limit of five calls per second, by the operator and by a plain client ' +
    'for comparison; then the viewer counts of the live channels.',
  needs: () => ['apiServer'],
  settings: {
    CHANNELS: numberSetting(1_000, 'channels'),
    SCALE: numberSetting(1, 'how much faster than real time the clocks of the operator and the cloud run'),
  },
  limitMinutes: ({ CHANNELS, SCALE }) => 15 + CHANNELS / 20 / SCALE + CHANNELS / 100,
});
const { CHANNELS: channels, SCALE: scale } = bench.settings;
const clock = scale === 1 ? systemClock : scaledClock({ factor: scale });
const callsPerSecond = 5;

interface Row {
  readonly who: string;
  readonly created: number;
  readonly seconds: number;
  readonly throttledInFirstSecond: number;
  readonly throttledLater: number;
}

function rowOf(who: string, calls: readonly Call[]): Row {
  const first = calls[0]?.at ?? 0;
  const throttled = calls.filter(({ status }) => status === 429);
  const later = throttled.filter(({ at }) => at - first > 1_000).length;
  return {
    who,
    created: calls.filter(({ operation, effect }) => operation === 'CreateChannel' && effect).length,
    seconds: ((calls.at(-1)?.at ?? first) - first) / 1_000,
    throttledInFirstSecond: throttled.length - later,
    throttledLater: later,
  };
}

function print(rows: readonly Row[]): void {
  const theory = channels / callsPerSecond;
  console.log(
    markdownTable(
      ['who', 'created', 'seconds', 'of the theoretical time', 'throttled in the first second', 'later'],
      rows.map(({ who, created, seconds, throttledInFirstSecond, throttledLater }) => [
        ...[who, String(created), seconds.toFixed(1), `${((100 * seconds) / theory).toFixed(1)}%`],
        ...[String(throttledInFirstSecond), String(throttledLater)],
      ]),
    ),
  );
  console.log(
    `Theoretical: ${String(channels)} / ${String(callsPerSecond)} per second = ${String(theory)} s. Goal: within 5%, no throttling after the first second.`,
  );
}

async function byOperator(): Promise<{
  row: Row;
  viewers: { calls: number; counted: number; seconds: number };
}> {
  bench.report('starting etcd and kube-apiserver');
  await using clouds = await startClouds({ clouds: ['ivs'], media: 'paper', clock });
  await using stage = await OperatorStage.build();
  const ivs = clouds.cloud('ivs');
  const namespace = await stage.namespace();
  await stage.putSecret({ namespace: 'default', name: 'ivs' }, { ...ivs.credentials });
  const spec = {
    provider: 'ivs',
    origin: undefined,
    credentialsRef: { namespace: 'default', name: 'ivs' },
    ivs: ivs.spec,
  };
  await stage.putPlatform('ivs', { spec });
  bench.report(`applying ${String(channels)} channels`);
  const names = Array.from({ length: channels }, (_, index) => `show-${String(index)}`);
  for (let at = 0; at < names.length; at += 20)
    await Promise.all(
      names
        .slice(at, at + 20)
        .map((name) => stage.apply({ namespace, name }, { platformRef: { name: 'ivs' }, suspend: true })),
    );
  let reported = 0;
  bench.report('starting the operator');
  // Suspended: their streams are created but no relays, for which there is no node.
  stage.startOperator({ LIVECHANNEL_PLATFORM_CHECK_SECONDS: '30' }, { clock });
  await eventually(
    'every stream is created and recorded',
    (3_000 / scale) * (channels / 1_000) + 60,
    async () => {
      const { items } = await stage.client.list(liveChannelType, { namespace });
      const made = items.filter((each) => streamRecords(each)[0]?.id !== undefined).length;
      if (made >= reported + channels / 10) {
        reported = made;
        bench.report(`${String(made)} of ${String(channels)} created`);
      }
      return made === channels ? true : undefined;
    },
  );
  const creates = clouds.calls.all('ivs').filter(({ operation }) => operation === 'CreateChannel');
  const everywhere = clouds.calls.all('ivs').filter(({ status }) => status === 429);
  await stage.stopOperator();

  for (const { streamKey } of ivs.streams()) clouds.media.publish({ app: 'app', key: streamKey });
  await clock.sleep(20_000); // viewer counts appear after some 15 s
  const driver = openPlatform(
    streamingPlatformSpecSchema.parse({ ...spec, origin: undefined }),
    new Map(Object.entries(ivs.credentials)),
    { clusterId: 'cluster-under-test', platform: 'ivs', clock, rateLimits: new RateLimits(clock) },
  );
  // As the operator does in each round: list the streams with their owners, then read their health.
  await driver.listStreams(AbortSignal.timeout(120_000));
  clouds.calls.clear();
  const started = clock.monotonic();
  const analytics = await driver.analytics(AbortSignal.timeout(120_000));
  const viewers = {
    calls: clouds.calls.count('ivs'),
    counted: [...analytics.values()].filter((each) => each.viewers !== undefined).length,
    seconds: (clock.monotonic() - started) / 1_000,
  };
  return {
    row: {
      ...rowOf('operator', creates),
      throttledLater: rowOf('', [...creates.slice(0, 1), ...everywhere]).throttledLater,
    },
    viewers,
  };
}

/** The official client with its usual retries, sixteen calls in parallel. */
async function byPlainClient(): Promise<Row> {
  bench.report('the plain client');
  await using clouds = await startClouds({ clouds: ['ivs'], media: 'paper', clock });
  const { credentials, spec } = clouds.cloud('ivs');
  const client = new IvsClient({
    region: String(spec['region']),
    endpoint: String(spec['endpoint']),
    credentials: {
      accessKeyId: credentials['accessKeyId'] ?? '',
      secretAccessKey: credentials['secretAccessKey'] ?? '',
    },
  });
  let next = 0;
  let failed = 0;
  const worker = async (): Promise<void> => {
    while (next < channels) {
      next += 1;
      await client
        .send(new CreateChannelCommand({ name: `plain-${String(next)}` }))
        .catch(() => (failed += 1));
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  client.destroy();
  return rowOf(`@aws-sdk/client-ivs, 16 in parallel (gave up on ${String(failed)})`, clouds.calls.all('ivs'));
}

await bench.run(async () => {
  const { row, viewers } = await byOperator();
  const rows = [row, await byPlainClient()];
  print(rows);
  console.log(
    `Viewer counts: ${String(viewers.counted)} live channels in ${String(viewers.calls)} calls, ${viewers.seconds.toFixed(2)} s. Goal: at most ${String(Math.ceil(channels / 100))} calls.`,
  );
  await bench.write({ channels, scale, rows, viewers });
});
