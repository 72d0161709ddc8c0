/** make bench-start: see `summary` below. */
import { z } from 'zod';
import { fetchPlaylist } from '../../hack/demo/playback.ts';
import { kubeconfigPath } from '../../hack/cluster/cluster.ts';
import { liveChannelType } from '../../src/api/kinds.ts';
import { connect, type KubeClient } from '../../src/kube/client.ts';
import { podType } from '../../src/kube/core-types.ts';
import { folders, ClusterStage } from '../support/cluster/cluster-stage.ts';
import { openBench } from './lib/bench.ts';
import { markdownTable } from './lib/markdown-table.ts';
import { numberSetting } from './lib/settings.ts';

const bench = openBench({
  name: 'start',
  summary:
    "How long it takes from `kubectl apply` to active and to the first playable segment, and from the relay pod's " +
    'creation until its browser has the page, with warm images, on the development cluster. Needs a cluster that is ' +
    'up, which the make target takes care of.',
  needs: () => [],
  settings: { RUNS: numberSetting(10, 'runs that count; one more goes before them') },
  limitMinutes: ({ RUNS }) => 10 + RUNS * 4,
  afterwards: 'cluster-down',
});
const { RUNS: runs } = bench.settings;
/** When each part was over, in seconds since the apply. */
const parts = ['streamCreated', 'podCreated', 'containerStarted', 'hostSeen', 'active', 'playable'] as const;
type Part = (typeof parts)[number];
interface Row {
  readonly run: number;
  readonly activeSeconds: number;
  readonly playableSeconds: number;
  /**
   * From the pod's creation until the relay's browser had opened its page, and the part of it in the relay itself. The
   * pod counts as created when it was last seen not to be there, some 50 ms early.
   */
  readonly pageReadySeconds: number;
  readonly relayToPageSeconds: number;
  /** How long each part took, in seconds; they add up to playableSeconds. */
  readonly parts: Readonly<Record<Part, number>>;
}

const round = (seconds: number): number => Math.round(seconds * 100) / 100;

async function measure(stage: ClusterStage, client: KubeClient, run: number): Promise<Row> {
  const name = `bench-${String(run)}`;
  const ref = { namespace: stage.namespace, name };
  const seen = new Map<Part, number>();
  const started = performance.now();
  const note = (part: Part): void => {
    if (!seen.has(part)) seen.set(part, (performance.now() - started) / 1_000);
  };
  await stage.kubectl.apply(stage.liveChannel(name, {}, { channelName: 'show' }));
  const deadline = AbortSignal.timeout(120_000);
  let withoutPodAt = Date.now();
  while (!seen.has('playable') || !seen.has('active')) {
    deadline.throwIfAborted();
    const askedAt = Date.now();
    const [channel, pod] = await Promise.all([
      client.get(liveChannelType, ref),
      client.get(podType, { ...ref, name: `${name}-relay-0` }),
    ]);
    const status = channel?.status;
    const url = status?.hlsPlaybackUrl;
    if (url !== undefined) note('streamCreated');
    if (pod === undefined) withoutPodAt = askedAt;
    else note('podCreated');
    if (pod?.status?.containerStatuses?.[0]?.state?.running !== undefined) note('containerStarted');
    if (status?.conditions?.some(({ type, status: is }) => type === 'HostPresent' && is === 'True'))
      note('hostSeen');
    if (status?.relayStatus === 'active') note('active');
    const playlist = url === undefined ? undefined : await fetchPlaylist(url);
    if (playlist !== undefined) note('playable');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const said = await stage.kubectl.run(['-n', stage.namespace, 'logs', `${name}-relay-0`]);
  await stage.kubectl.run(['-n', stage.namespace, 'delete', 'livechannel', name, '--timeout=60s']);
  await stage.untilGone(name);
  const [listeningAt, pageAt] = [saidAt(said, 'listening'), saidAt(said, 'page up')];
  return {
    ...rowOf(run, seen),
    pageReadySeconds: round((pageAt - withoutPodAt) / 1_000),
    relayToPageSeconds: round((pageAt - listeningAt) / 1_000),
  };
}

const logLineSchema = z.object({ time: z.number(), msg: z.string() });

/** When the relay first wrote that message, milliseconds since 1970. Its node is this machine, and so is its clock. */
function saidAt(log: string, message: string): number {
  for (const line of log.split('\n').filter((text) => text.startsWith('{'))) {
    const { time, msg } = logLineSchema.parse(JSON.parse(line));
    if (msg === message) return time;
  }
  throw new Error(`the relay never said "${message}":\n${log}`);
}

function rowOf(
  run: number,
  seen: ReadonlyMap<Part, number>,
): Omit<Row, 'pageReadySeconds' | 'relayToPageSeconds'> {
  const times = parts
    .map((part) => [part, seen.get(part) ?? Infinity] as const)
    .filter(([, at]) => at < Infinity);
  times.sort(([, a], [, b]) => a - b);
  const took = times.map(([part, at], index) => [part, round(at - (times[index - 1]?.[1] ?? 0))] as const);
  return {
    run,
    activeSeconds: round(seen.get('active') ?? NaN),
    playableSeconds: round(seen.get('playable') ?? NaN),
    parts: {
      ...Object.fromEntries(parts.map((part) => [part, 0])),
      ...Object.fromEntries(took),
    } as Row['parts'], // all parts are set by the first half
  };
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
}

const figures = ['activeSeconds', 'playableSeconds', 'pageReadySeconds', 'relayToPageSeconds'] as const;

function print(rows: readonly Row[]): void {
  const cells = figures.map((figure) => {
    const values = rows.map((row) => row[figure]);
    return [figure, middle(values).toFixed(2), Math.max(...values).toFixed(2)];
  });
  console.log(markdownTable(['figure', 'p50', 'worst'], cells));
  console.log('Goals: p50 of playableSeconds 10 or less, of pageReadySeconds 2.5 or less.');
}

await bench.run(async () => {
  bench.report('installing the operator and a host');
  const stage = await ClusterStage.open('bench');
  try {
    await stage.addSeller('show');
    await using client = await connect({ fieldManager: 'bench', kubeconfigPath: kubeconfigPath(folders) });
    await measure(stage, client, 0); // the first one warms the page cache and does not count
    const rows: Row[] = [];
    for (let run = 1; run <= runs; run += 1) {
      const row = await measure(stage, client, run);
      rows.push(row);
      bench.report(
        `run ${String(run).padStart(2)}: active ${row.activeSeconds.toFixed(2)} s, playable ${row.playableSeconds.toFixed(2)} s, pod to page ${row.pageReadySeconds.toFixed(2)} s   ` +
          parts.map((part) => `${part} +${row.parts[part].toFixed(2)}`).join('  '),
      );
      await bench.write({ rows });
    }
    print(rows);
  } finally {
    await stage.close();
  }
});
