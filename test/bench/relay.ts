/** make bench-relay: see `summary` below. */
import { setTimeout as pause } from 'node:timers/promises';
import { errorMessage } from '../../src/base/error-text.ts';
import { eventually } from '../support/wait/eventually.ts';
import { openBench } from './lib/bench.ts';
import { ControlGroup } from '../support/processes/control-group.ts';
import { round } from '../support/numbers/statistics.ts';
import { heightOf, openLoop, type LoopHeight } from '../support/host/video-loop.ts';
import { markdownTable } from './lib/markdown-table.ts';
import { useOf } from './lib/measured.ts';
import { pathNames, startPath, type PathName } from './lib/paths.ts';
import { frameFigures } from '../support/media/frame-figures.ts';
import { choiceSetting, numberSetting } from './lib/settings.ts';
import { Studio, WatchedIngest } from '../support/host/studio.ts';

const bench = openBench({
  name: 'relay',
  summary:
    'The cost of one stream from an Agora channel to an RTMPS ingest, and the quality of what arrives: ' +
    'the relay compared with MediaRecorder and x11grab, one after the other, with the same host, edge and ingest.',
  needs: ({ PATHS }) => [
    ...(['build', 'ffmpeg', 'chromium', 'ingest'] as const),
    ...(PATHS.includes('x11grab') ? (['screen'] as const) : []),
  ],
  settings: {
    SECONDS: numberSetting(60, 'seconds per measurement'),
    PATHS: choiceSetting(pathNames, 'paths to the ingest'),
    HEIGHTS: choiceSetting(['360', '720', '1080'], 'heights of the video in lines', ['720', '1080']),
  },
  limitMinutes: ({ SECONDS, PATHS, HEIGHTS }) => 5 + PATHS.length * HEIGHTS.length * (4 + (SECONDS * 3) / 60),
});
const { SECONDS: seconds, PATHS: paths } = bench.settings;
const heights = bench.settings.HEIGHTS.map((height) => heightOf[height]);
/** Between the first frame at the ingest and the measurement: estimators and jitter buffers settle. */
const SETTLE_MS = 5_000;
/** After the measurement: media sent in the window reaches the ingest. */
const REST_MS = 3_000;

/** About as many video and audio messages as a second has: fewer cannot be decoded. */
const A_SECOND = 80;

interface Row {
  readonly path: PathName;
  readonly height: number;
  readonly cores: number;
  readonly pssMiB: number;
  readonly pssMiBMost: number;
  readonly workingSetMiB: number | null;
  /** RTMP sessions; more than one is a failure. */
  readonly sessions: number;
  readonly processes: number;
  readonly coresByProgram: Readonly<Record<string, number>>;
  readonly frames: number;
  readonly framesLost: number;
  readonly delayMsP50: number;
  readonly delayMsP99: number;
  readonly avOffsetMsP95: number;
  readonly keyframeSeconds: number;
}

async function measure(path: PathName, height: LoopHeight): Promise<Row> {
  const loop = await openLoop(height);
  await using studio = await Studio.open(loop);
  await using ingest = await WatchedIngest.open();
  const group = ControlGroup.create();
  try {
    const membership = studio.membership(7);
    await using running = await startPath(path, { loop, membership, target: ingest.target(), group });
    await eventually('frames arrive at the ingest', 60, () => ingest.tap.media('video').length > 30);
    await pause(SETTLE_MS);
    const from = performance.now();
    const use = await useOf(running, group, seconds);
    const to = performance.now();
    await pause(REST_MS);
    const sessions = ingest.tap.sessions.map(({ tags }) => tags).filter(({ length }) => length > A_SECOND);
    const pictures = await frameFigures(sessions, studio.publisher.frames, from, to);
    if (pictures.framesLost === pictures.sent)
      throw new Error(
        'no frame from the host arrived at the ingest: start with BENCH_VERBOSE=1 to see the output of its programs',
      );
    const early = studio.publisher.lostBeforeEdge;
    if (early > 0)
      throw new Error(`${String(early)} packets were lost before the edge: repeat the measurement`);
    return {
      ...{ path, height },
      cores: round(use.cores, 3),
      pssMiB: round(use.pssMiB),
      pssMiBMost: round(use.pssMiBMost),
      workingSetMiB: use.workingSetMiB === undefined ? null : round(use.workingSetMiB),
      sessions: sessions.length,
      processes: use.processes,
      coresByProgram: use.coresByProgram,
      frames: pictures.sent,
      framesLost: pictures.framesLost,
      delayMsP50: round(pictures.delayMsP50),
      delayMsP99: round(pictures.delayMsP99),
      avOffsetMsP95: round(pictures.avOffsetMsP95),
      keyframeSeconds: round(pictures.keyframeSeconds, 2),
    };
  } finally {
    await group?.[Symbol.asyncDispose]();
  }
}

function print(rows: readonly Row[]): void {
  const header = [
    ...['path', 'height', 'cores', 'PSS MiB (max)', 'working set MiB', 'frames lost', 'delay ms p50', 'p99'],
    ...['A/V ms p95', 'keyframes s'],
  ];
  const cells = rows.map((row) => [
    row.path,
    String(row.height),
    row.cores.toFixed(3),
    `${String(row.pssMiB)} (${String(row.pssMiBMost)})`,
    String(row.workingSetMiB ?? '-'),
    `${String(row.framesLost)} of ${String(row.frames)}${row.sessions > 1 ? ` (${String(row.sessions)} sessions)` : ''}`,
    String(row.delayMsP50),
    String(row.delayMsP99),
    String(row.avOffsetMsP95),
    row.keyframeSeconds.toFixed(2),
  ]);
  console.log(`\n${markdownTable(header, cells)}`);
  for (const { path, height, coresByProgram } of rows) {
    const parts = Object.entries(coresByProgram).filter(([, cores]) => cores >= 0.002);
    console.log(
      `${path} ${String(height)}p: ${parts.map(([name, cores]) => `${name} ${cores.toFixed(3)}`).join(', ')}`,
    );
  }
  for (const height of heights) {
    const cores = (path: PathName): number | undefined =>
      rows.find((row) => row.path === path && row.height === height)?.cores;
    const [ours, rival] = [cores('passthrough'), cores('x11grab')];
    if (ours !== undefined && rival !== undefined)
      console.log(
        `${String(height)}p: x11grab uses ${(rival / ours).toFixed(1)} times the CPU of passthrough.`,
      );
  }
  console.log(
    'Goals at 720p: at least 6 times less CPU than x11grab and at most 0.15 cores, PSS at most 300 MiB, no lost ' +
      'frames, delay p50 under 60 ms, p99 under 200 ms.',
  );
}

await bench.run(async () => {
  const rows: Row[] = [];
  const write = (): Promise<void> => bench.write({ seconds, date: new Date().toISOString(), rows });
  await write();
  for (const height of heights) {
    for (const path of paths) {
      bench.report(`${path} at ${String(height)}p: ${String(seconds)} s`);
      try {
        rows.push(await measure(path, height));
        await write();
      } catch (error) {
        bench.report(`${path} at ${String(height)}p: ${errorMessage(error)}`);
        process.exitCode = 1;
      }
    }
  }
  print(rows);
});
