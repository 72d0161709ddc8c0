/**
 * make bench-density: how many 720p30 passthrough relays this machine carries before one loses pictures. Relays are
 * added one by one, all of the same host; each has an ingest of its own. Host, edge and ingests run on the machine
 * too, and what they take is shown beside. SECONDS (20) for each number, MOST (24) relays at most, FROM (1).
 * Writes bench-results/density.json.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { foldersFrom } from '../../hack/tools/folders.ts';
import { until } from '../integration/relay/until.ts';
import { ControlGroup } from './lib/control-group.ts';
import { percentile, round } from './lib/figures.ts';
import { openLoop } from './lib/loop.ts';
import { markdownTable } from './lib/markdown-table.ts';
import { treeFigures } from './lib/process-tree.ts';
import { startRelay } from './lib/relay-path.ts';
import { writeResults } from './lib/results.ts';
import { numberSetting } from './lib/settings.ts';
import { Studio, WatchedIngest } from './lib/studio.ts';

const seconds = numberSetting('SECONDS', 20);
const most = numberSetting('MOST', 24);
const from = numberSetting('FROM', 1);
/** A relay that was added has started by then, and is through with what a start costs. */
const SETTLE_MS = 5_000;
/** What was sent in the window comes to the ingest, if it comes at all. */
const REST_MS = 3_000;

interface Step {
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
  readonly relay: Awaited<ReturnType<typeof startRelay>>;
  /** What arrived, and how late: by the number of the host's picture. */
  readonly delays = new Map<number, number>();

  private constructor(ingest: WatchedIngest, relay: Awaited<ReturnType<typeof startRelay>>) {
    this.ingest = ingest;
    this.relay = relay;
  }

  static async start(studio: Studio, uid: number, group: ControlGroup | undefined): Promise<RelayUnderLoad> {
    const ingest = await WatchedIngest.open();
    const relay = await startRelay({
      ...{ membership: studio.membership(uid), target: ingest.target(), group },
      media: { mode: 'passthrough' },
    });
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
    relays: relays.length,
    cores: round(cores, 3),
    pssMiB: round(treeFigures(roots).pssMiB),
    otherCores: round(otherCores, 3),
    framesLost: lost.reduce((sum, count) => sum + count, 0),
    frames: window.length * relays.length,
    delayMsP99: round(Math.max(...late)),
  };
}

async function run(): Promise<Step[]> {
  const steps: Step[] = [];
  await using studio = await Studio.open(await openLoop(foldersFrom(process.env).cache, 720));
  await using cleanUp = new AsyncDisposableStack();
  const group = ControlGroup.create(`livechannel-bench-${String(process.pid)}`);
  if (group !== undefined) cleanUp.use(group);
  const relays: RelayUnderLoad[] = [];
  for (let number = 1; number <= most; number++) {
    const relay = cleanUp.use(await RelayUnderLoad.start(studio, 100 + number, group));
    relays.push(relay);
    const isOn = await until('another relay passes pictures on', () => relay.delays.size > 60, 60).catch(
      () => false,
    );
    await pause(SETTLE_MS);
    if (number < from) continue;
    const early = studio.publisher.lostBeforeEdge;
    const step = await measure(studio, relays, group);
    if (studio.publisher.lostBeforeEdge > early)
      throw new Error('packets were lost before the edge: measure again');
    steps.push(step);
    console.log(
      `${String(number)} relays: ${step.cores.toFixed(2)} cores, beside them ${step.otherCores.toFixed(2)}; ` +
        `${String(step.framesLost)} of ${String(step.frames)} frames lost, delay p99 ${String(step.delayMsP99)} ms`,
    );
    if (step.framesLost > 0 || !isOn) break;
  }
  return steps;
}

const steps = await run();
const carried = steps.findLast(({ framesLost }) => framesLost === 0);
const header = ['relays', 'cores', 'PSS MiB', 'cores beside them', 'frames lost', 'delay ms p99'];
const cells = steps.map((step) => [
  String(step.relays),
  step.cores.toFixed(2),
  String(step.pssMiB),
  step.otherCores.toFixed(2),
  `${String(step.framesLost)} of ${String(step.frames)}`,
  String(step.delayMsP99),
]);
console.log(`\n${markdownTable(header, cells)}`);
console.log(
  `${String(carried?.relays ?? 0)} relays on ${String(cpus().length)} cores without a lost frame. Goal: 10 on 2 cores.`,
);
await writeResults('density', {
  relays: carried?.relays ?? 0,
  cores: carried?.cores ?? 0,
  framesLost: carried?.framesLost ?? 0,
  machineCores: cpus().length,
  date: new Date().toISOString(),
  steps,
});
