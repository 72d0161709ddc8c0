import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { eventually } from '../support/wait/eventually.ts';
import { streamRecords } from '../../src/api/stream-records.ts';
import { liveChannelType, streamingPlatformType } from '../../src/api/kinds.ts';
import { podType, secretType } from '../../src/kube/core-types.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { streamName } from '../../src/platforms/stream-name.ts';
import { openPlatform } from '../../src/platforms/registry.ts';
import { RateLimits } from '../../src/platforms/rate-limit.ts';
import { streamingPlatformSpecSchema, type StreamingPlatform } from '../../src/api/streaming-platform.ts';
import type { Platform } from '../../src/platforms/platform.ts';
import type { KubeObject, ResourceType } from '../../src/kube/resource.ts';
import { play } from './actor.ts';
import { crashNowAndThen } from './crashes.ts';
import { startCloud } from './cloud-stand-in.ts';
import { Diary } from './diary.ts';
import { judge, judgeCreates, textOf, type Finding, type Seen, type Setting } from './judge.ts';
import { OperatorUnderTest } from './operator-under-test.ts';
import { startOrigin } from './origin-stand-in.ts';
import { places, planOf, type Offers, type Place } from './plan.ts';
import type { SeededRandom } from '../support/numbers/seeded-random.ts';
import type { LifecycleStage } from './lifecycle-stage.ts';
import { lifecycleProviders, type LifecycleProvider, type StandIn, type StandInOptions } from './stand-in.ts';
import { makeWeather } from './weather.ts';

const clusterId = 'cluster-under-test';
const labelled = { labelSelector: 'livechannel.dev/channel' };
/** Wall-clock time within which everything must be settled after the last fault. */
const restWithinMs = 120_000;

export interface RoundOptions {
  readonly name: string;
  readonly provider: LifecycleProvider;
  /** Numbers of the lifecycles, which are played in parallel. */
  readonly numbers: readonly number[];
  /** Seed of the run: lifecycles, faults and crashes are derived from it. */
  readonly random: SeededRandom;
  readonly orphanPolicy: 'Report' | 'Delete';
  /** Of a lifecycle. */
  readonly mostSteps: number;
}

export interface RoundResult {
  readonly diaries: readonly Diary[];
  readonly findings: readonly Finding[];
  readonly partner: LifecycleProvider;
  readonly actions: number;
  readonly faults: number;
  readonly crashes: number;
  readonly creates: number;
  readonly adoptions: number;
  /** Seconds of the wall clock for set-up, play, settling and removal. */
  readonly phases: readonly number[];
  readonly weather: readonly string[];
  readonly standIns: readonly StandIn[];
  readonly logPath: string;
}

/**
 * Plays lifecycles in parallel with faults and crashes, waits until everything has settled, and judges the result.
 */
export async function playRound(stage: LifecycleStage, options: RoundOptions): Promise<RoundResult> {
  const { name, provider, numbers, random } = options;
  const { client, clock } = stage;
  const began = performance.now();
  const phases: number[] = [];
  const phaseEnds = (): void => void phases.push((performance.now() - began) / 1_000);
  await using parts = new AsyncDisposableStack();
  const partner = random.fork('partner').pick(lifecycleProviders.filter((each) => each !== provider));
  const chance = random.fork('strikes');
  const common = { clock, scale: stage.scale, random: () => chance.next() };
  const home = parts.use(await startStandIn(provider, common));
  const away = parts.use(await startStandIn(partner, common));
  const standIns = { home, away, twin: home };
  const platforms = { home: `home-${name}`, away: `away-${name}`, twin: `twin-${name}` };
  stage.ingests.set([home.media, away.media]);

  const drivers = await putPlatforms(stage, options, standIns, platforms);
  const foreign = await makeForeign([drivers.home, drivers.away], [home, away]);
  const setting: Setting = { clusterId, platforms, standIns, foreign };
  await stage.putNamespace(name);
  const offers = offersOf([drivers.home, drivers.away]);
  const diaries = numbers.map(
    (number) =>
      new Diary(planOf(number, random.fork(`lifecycle ${String(number)}`), offers, options.mostSteps), name),
  );
  parts.use(watch(stage, diaries));

  const logPath = join(stage.folder, `operator-${name}.log`);
  const operator = parts.use(
    new OperatorUnderTest({
      kubeconfigPath: stage.kubeconfigPath,
      scale: stage.scale,
      epoch: stage.epoch,
      settings: operatorSettings,
      logPath,
    }),
  );
  operator.start();
  phaseEnds();
  const weather: string[] = [];
  const log = (line: string): void => void weather.push(`${new Date().toISOString().slice(11, 23)} ${line}`);
  const over = new AbortController();
  const theatre = {
    ...{ client, clock, platforms, signal: AbortSignal.timeout(600_000) },
    evict: async (pod: Parameters<typeof stage.kubelet.fail>[0]) => {
      await stage.kubelet
        .fail(pod, { reason: 'Evicted', message: 'The node was low on memory.' })
        .catch(() => undefined); // the pod is gone or has not started
    },
  };
  const sky = Promise.all([
    makeWeather([home, away], clock, random.fork('weather'), log, over.signal),
    crashNowAndThen(operator, [home, away], random.fork('crashes'), log, over.signal),
  ]);
  try {
    await Promise.all(diaries.map((diary) => play(diary, theatre)));
  } finally {
    over.abort();
    await sky;
  }
  log('no more faults');
  phaseEnds();

  const look = async (): Promise<readonly Finding[]> => {
    if (operator.ended !== undefined) throw new Error(operator.ended);
    return judge(diaries, await see(stage, name, setting), setting);
  };
  let findings = await rest(look);
  phaseEnds();
  if (findings.length === 0) {
    for (const diary of diaries) await endOf(diary, stage);
    for (const place of places) await setOrphanPolicy(stage, platforms[place], 'Delete');
    findings = await rest(look);
  }
  if (findings.length === 0) findings = await letGo(stage, platforms, operator);

  findings = [...judgeCreates(diaries, setting), ...findings];
  phaseEnds();

  const journals = [home.journal, away.journal];
  const creates = journals.flatMap((journal) => journal.creates);
  const recorded = new Set(
    diaries.flatMap(({ lives }) => [...lives.values()].flatMap(({ ids }) => [...ids])),
  );
  const lost = creates.filter(({ answered }) => !answered);
  return {
    ...{ diaries, findings, partner, phases, weather, logPath, standIns: [home, away] },
    actions: diaries.reduce((sum, { actions }) => sum + actions, 0),
    faults: home.struck() + away.struck(),
    crashes: operator.crashes,
    creates: creates.length,
    adoptions: lost.filter(({ made }) => made !== undefined && recorded.has(made)).length,
  };
}

const operatorSettings = {
  LIVECHANNEL_RELAY_IMAGE: 'relay:test',
  LIVECHANNEL_HTTP_HOST: '127.0.0.1',
  LIVECHANNEL_HTTP_PORT: '0',
  LIVECHANNEL_LEADER_ELECTION: 'false',
  LIVECHANNEL_CLUSTER_ID: clusterId,
  LIVECHANNEL_PLATFORM_CHECK_SECONDS: '15',
  LIVECHANNEL_ORPHAN_GRACE_SECONDS: '60',
  LIVECHANNEL_DRAIN_SECONDS: '5',
  LIVECHANNEL_FALLBACK_RETURN_SECONDS: '40',
  LIVECHANNEL_FALLBACK_ATTEMPT_SECONDS: '60',
};

function startStandIn(provider: LifecycleProvider, options: StandInOptions): Promise<StandIn> {
  return provider === 'origin' ? startOrigin(options) : startCloud(provider, options);
}

type WrittenPlatform = KubeObject & { readonly spec?: object };
const { parse: _parse, ...writtenPlatformType } = streamingPlatformType;
const writtenPlatform: ResourceType<WrittenPlatform> = writtenPlatformType;

/** Opens the drivers of another cluster on the same accounts. */
async function putPlatforms(
  stage: LifecycleStage,
  { orphanPolicy }: RoundOptions,
  standIns: Readonly<Record<Place, StandIn>>,
  platforms: Readonly<Record<Place, string>>,
): Promise<Readonly<Record<Place, Platform>>> {
  const rateLimits = new RateLimits(stage.clock);
  const open = async (place: Place): Promise<Platform> => {
    const name = platforms[place];
    const { spec, credentials } = standIns[place];
    await stage.putSecret('default', name, credentials);
    const whole = { ...spec, orphanPolicy, credentialsRef: { namespace: 'default', name } };
    await stage.client.apply(writtenPlatform, { metadata: { name }, spec: whole });
    const context = { clusterId: 'another-cluster', platform: name, clock: stage.clock, rateLimits };
    return openPlatform(
      streamingPlatformSpecSchema.parse(whole),
      new Map(Object.entries(credentials)),
      context,
    );
  };
  return { home: await open('home'), away: await open('away'), twin: await open('twin') };
}

async function setOrphanPolicy(stage: LifecycleStage, name: string, orphanPolicy: string): Promise<void> {
  await stage.client.patchMerge(writtenPlatform, { name }, { spec: { orphanPolicy } });
}

/** Creates unowned streams and streams of another cluster; returns their initial state. */
async function makeForeign(
  drivers: readonly Platform[],
  standIns: readonly StandIn[],
): Promise<ReadonlyMap<string, string>> {
  const signal = AbortSignal.timeout(60_000);
  for (const [index, driver] of drivers.entries()) {
    standIns[index]?.makeForeignStream();
    for (const channelUid of ['11111111-aaaa', '22222222-bbbb']) {
      const owner = { clusterId: 'another-cluster', platform: 'theirs', channelUid, channel: 'theirs/show' };
      const playback = { latency: 'standard', access: 'public', recording: 'off' } as const;
      const name = streamName(owner, playback);
      await driver.createStream({ name, owner, attempt: 'theirs', ...playback }, signal);
    }
  }
  return new Map(
    standIns.flatMap((standIn) => standIn.streams().map((each) => [each.id, textOf(each)] as const)),
  );
}

function offersOf(drivers: readonly Platform[]): Offers {
  const all = drivers.map(({ capabilities }) => capabilities);
  return {
    latencies: (['standard', 'low'] as const).filter((each) =>
      all.every(({ latencies }) => latencies.includes(each)),
    ),
    recordings: all.every(({ recording }) => recording) ? ['off', 'automatic'] : ['off'],
  };
}

/** Records what happens to the channels. */
function watch(stage: LifecycleStage, diaries: readonly Diary[]): AsyncDisposable {
  const stop = new AbortController();
  const byName = new Map(diaries.map((diary) => [diary.name, diary]));
  const reflector = new Reflector(
    liveChannelType,
    { namespace: diaries[0]?.namespace },
    { client: stage.client, clock: stage.clock, random: Math.random, logger: pino({ level: 'silent' }) },
  );
  reflector.subscribe(({ type, object }) => {
    const diary = byName.get(object.metadata.name);
    if (type === 'deleted') diary?.write(`  saw ${object.metadata.uid.slice(0, 8)} go`);
    else diary?.saw(object);
  });
  const run = reflector.run(stop.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await run;
    },
  };
}

async function see(
  stage: LifecycleStage,
  namespace: string,
  { standIns, platforms }: Setting,
): Promise<Seen> {
  const { client } = stage;
  const names: ReadonlySet<string> = new Set(Object.values(platforms));
  const [channels, pods, secrets, all] = await Promise.all([
    client.list(liveChannelType, { namespace }),
    client.list(podType, { namespace, ...labelled }),
    client.list(secretType, { namespace, ...labelled }),
    client.list(streamingPlatformType),
  ]);
  const streams = [standIns.home, standIns.away].flatMap((standIn) =>
    standIn.streams().map((stream) => ({ ...stream, provider: standIn.provider })),
  );
  const ours = ({ metadata }: StreamingPlatform): boolean => names.has(metadata.name);
  return {
    channels: channels.items,
    pods: pods.items,
    secrets: secrets.items,
    platforms: all.items.filter(ours),
    streams,
  };
}

/** Waits until three consecutive observations find nothing wrong; returns the remaining findings on timeout. */
async function rest(look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  const end = performance.now() + restWithinMs;
  let calm = 0;
  for (;;) {
    const findings = await look();
    calm = findings.length === 0 ? calm + 1 : 0;
    if (calm === 3 || (findings.length > 0 && performance.now() > end)) return findings;
    await delay(400);
  }
}

/** Deletes the remaining channel, after which nothing may be left. */
async function endOf(diary: Diary, { client }: LifecycleStage): Promise<void> {
  const channel = await client.get(liveChannelType, diary.ref);
  if (channel === undefined || diary.wish === undefined) return;
  diary.write('deleted at the end');
  const life = diary.life(channel.metadata.uid);
  const { deletionPolicy, streamMode } = channel.spec;
  life.end = {
    retain: deletionPolicy === 'Retain',
    hasOne: streamMode !== 'agora-only',
    records: streamRecords(channel),
  };
  diary.wish = undefined;
  await client.delete(liveChannelType, diary.ref);
}

/** Unused platforms must be removed when they are deleted, and the operator must exit on request. */
async function letGo(
  { client }: LifecycleStage,
  platforms: Readonly<Record<Place, string>>,
  operator: OperatorUnderTest,
): Promise<readonly Finding[]> {
  const state = (says: string): Finding => ({ kind: 'state', diary: undefined, says });
  for (const place of places) await client.delete(streamingPlatformType, { name: platforms[place] });
  const gone = await eventually('the platforms are gone', 30, async () => {
    const left = await Promise.all(
      places.map((each) => client.get(streamingPlatformType, { name: platforms[each] })),
    );
    return left.every((each) => each === undefined) ? true : undefined;
  }).catch((error: unknown) => String(error));
  const code = await operator.stop();
  return [
    ...(gone === true ? [] : [state(gone)]),
    ...(code === 0 ? [] : [state(`the operator ended with exit code ${String(code)}`)]),
  ];
}
