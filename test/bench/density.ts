/** make bench-density: see `summary` below. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../support/wait/eventually.ts';
import { openBench } from './lib/bench.ts';
import { ControlGroup } from '../support/processes/control-group.ts';
import { percentile, round } from '../support/numbers/statistics.ts';
import { openLoop } from '../support/host/video-loop.ts';
import { startRelay } from '../support/relay/relay-path.ts';
import { startMediaRecorder } from './rivals/media-recorder.ts';
import type { RunningPath } from './lib/measured.ts';
import { markdownTable } from './lib/markdown-table.ts';
import { treeFigures } from '../support/processes/process-tree.ts';
import type { PathOptions } from './lib/paths.ts';
import { choiceSetting, numberSetting } from './lib/settings.ts';
import { Studio, WatchedIngest } from '../support/host/studio.ts';

const bench = openBench({
  name: 'density',
  summary:
    'How many 720p30 relays this machine carries before one loses frames, beside as many browsers with MediaRecorder. ' +
    'They are added one by one, all of the same host; each has an ingest of its own. Host, edge and ingests run on ' +
    'the machine too, and what they use is shown beside.',
  needs: () => ['build', 'ffmpeg', 'chromium', 'ingest'],
  settings: {
    SECONDS: numberSetting(20, 'seconds of a measurement'),
    PATHS: choiceSetting(['passthrough', 'mediarecorder'], 'ways to the ingest, one after the other'),
    MOST: numberSetting(24, 'relays at most'),
    FROM: numberSetting(1, 'relays from which on is measured'),
  },
  limitMinutes: ({ SECONDS, MOST, PATHS }) => 5 + PATHS.length * MOST * (2 + SECONDS / 60),
});
const { SECONDS: seconds, PATHS: paths, MOST: most, FROM: from } = bench.settings;
/** A relay that was added has started by then, and is through with what a start costs. */
const SETTLE_MS = 5_000;
/** What was sent in the window comes to the ingest, if it comes at all. */
const REST_MS = 3_000;

type Path = (typeof paths)[number];
const starters: Readonly<Record<Path, (options: PathOptions) => Promise<RunningPath>>> = {
  passthrough: (options) => startRelay({ ...options, media: { mode: 'passthrough' } }),
  mediarecorder: startMediaRecorder,
};

interface Step {
  readonly path: Path;
  readonly relays: number;
  /** Of all relays. */
  readonly cores: number;
  readonly pssMiB: number;
  /** Of everything else on the machine: host, edge, ingests, this program. */
  readonly otherCores: number;
  /** Of all relays together. */
  readonly framesLost: number;
  readonly frames: number;
  /** Of the relay that is worst off. */
  readonly delayMsP99: number;
}

class RelayUnderLoad implements AsyncDisposable {
  readonly ingest: WatchedIngest;
  readonly relay: RunningPath;
  /** What arrived, and how late: by the number of the host's picture. */
  readonly delays = new Map<number, number>();

  private constructor(ingest: WatchedIngest, relay: RunningPath) {
    this.ingest = ingest;
    this.relay = relay;
  }

  static async start(
    path: Path,
    studio: Studio,
    { uid, ...options }: Pick<PathOptions, 'loop' | 'group'> & { readonly uid: number },
  ): Promise<RelayUnderLoad> {
    const ingest = await WatchedIngest.open();
    const target = ingest.target();
    const all = { ...options, membership: studio.membership(uid), target };
    const relay = await starters[path](all);
    const loaded = new RelayUnderLoad(ingest, relay);
    ingest.tap.onTag = (tag) => {
      const frame = tag.kind === 'video' ? studio.publisher.frames.byBytes(tag.payload, tag.at) : undefined;
      if (frame !== undefined) loaded.delays.set(frame.index, tag.at - frame.at);
      ingest.tap.forget();
    };
    return loaded;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.relay[Symbol.asyncDispose]();
    await this.ingest[Symbol.asyncDispose]();
  }
}

/** Seconds of processor that the whole machine has spent on anything so far. */
function machineSeconds(): number {
  const fields = (/^cpu +(.*)/.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '').split(' ').map(Number);
  const [user = 0, nice = 0, system = 0, , , interrupt = 0, softInterrupt = 0] = fields;
  return (user + nice + system + interrupt + softInterrupt) / 100;
}

async function measure(
  path: Path,
  studio: Studio,
  relays: readonly RelayUnderLoad[],
  group: ControlGroup | undefined,
): Promise<Step> {
  const roots = relays.flatMap(({ relay }) => relay.roots);
  const cpu = (): number => group?.cpuSeconds ?? treeFigures(roots).cpuSeconds;
  const [started, used, machine] = [performance.now(), cpu(), machineSeconds()];
  await pause(seconds * 1_000);
  const ended = performance.now();
  const elapsed = (ended - started) / 1_000;
  const cores = (cpu() - used) / elapsed;
  const otherCores = (machineSeconds() - machine) / elapsed - cores;
  await pause(REST_MS);
  const window = studio.publisher.frames.between(started, ended);
  const lost = relays.map(({ delays }) => window.filter(({ index }) => !delays.has(index)).length);
  const late = relays.map(({ delays }) =>
    percentile(
      window.flatMap(({ index }) => delays.get(index) ?? []),
      0.99,
    ),
  );
  for (const { delays } of relays) delays.clear();
  return {
    path,
    relays: relays.length,
    cores: round(cores, 3),
    pssMiB: round(treeFigures(roots).pssMiB),
    otherCores: round(otherCores, 3),
    framesLost: lost.reduce((sum, count) => sum + count, 0),
    frames: window.length * relays.length,
    delayMsP99: round(Math.max(...late)),
  };
}

async function run(path: Path): Promise<Step[]> {
  const steps: Step[] = [];
  const loop = await openLoop(720);
  await using studio = await Studio.open(loop);
  await using cleanUp = new AsyncDisposableStack();
  const group = ControlGroup.create();
  if (group !== undefined) cleanUp.use(group);
  const relays: RelayUnderLoad[] = [];
  for (let number = 1; number <= most; number++) {
    bench.report(`${path}: starting relay ${String(number)}`);
    const options = { uid: 100 + number, loop, group };
    const relay = cleanUp.use(await RelayUnderLoad.start(path, studio, options));
    relays.push(relay);
    const isOn = await eventually('another relay passes frames on', 60, () => relay.delays.size > 60).catch(
      () => false,
    );
    await pause(SETTLE_MS);
    if (number < from) continue;
    const early = studio.publisher.lostBeforeEdge;
    const step = await measure(path, studio, relays, group);
    if (studio.publisher.lostBeforeEdge > early)
      throw new Error('packets were lost before the edge: measure again');
    steps.push(step);
    bench.report(
      `${path}: ${String(number)} relays: ${step.cores.toFixed(2)} cores, beside them ${step.otherCores.toFixed(2)}; ` +
        `${String(step.framesLost)} of ${String(step.frames)} frames lost, delay p99 ${String(step.delayMsP99)} ms`,
    );
    if (step.framesLost > 0 || !isOn) break;
  }
  return steps;
}

/** The most that a path carries without a lost frame; undefined when not even one. */
function carriedBy(path: Path, steps: readonly Step[]): Step | undefined {
  return steps.findLast((step) => step.path === path && step.framesLost === 0);
}

function print(steps: readonly Step[]): void {
  const header = ['path', 'relays', 'cores', 'PSS MiB', 'cores beside them', 'frames lost', 'delay ms p99'];
  const cells = steps.map((step) => [
    ...[
      step.path,
      String(step.relays),
      step.cores.toFixed(2),
      String(step.pssMiB),
      step.otherCores.toFixed(2),
    ],
    ...[`${String(step.framesLost)} of ${String(step.frames)}`, String(step.delayMsP99)],
  ]);
  console.log(`\n${markdownTable(header, cells)}`);
  for (const path of paths)
    console.log(
      `${path}: ${String(carriedBy(path, steps)?.relays ?? 0)} on ${String(cpus().length)} cores without a lost frame.`,
    );
  console.log('Goal: 10 in passthrough on 2 cores.');
}

await bench.run(async () => {
  const steps: Step[] = [];
  for (const path of paths) {
    steps.push(...(await run(path)));
    await bench.write({
      carried: Object.fromEntries(paths.map((each) => [each, carriedBy(each, steps)?.relays ?? 0])),
      machineCores: cpus().length,
      date: new Date().toISOString(),
      steps,
    });
    bench.report(`${path}: ${String(carriedBy(path, steps)?.relays ?? 0)} without a lost frame`);
  }
  print(steps);
});
