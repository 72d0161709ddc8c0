/** make bench-soak: see `summary` below. */
import { readFileSync } from 'node:fs';
import { eventually } from '../support/wait/eventually.ts';
import { SeededRandom } from '../support/numbers/seeded-random.ts';
import { openBench } from './lib/bench.ts';
import { playOn } from '../support/faults/fault-round.ts';
import { faultRows, type FaultRow } from '../support/faults/fault-rows.ts';
import { FaultStage } from '../support/faults/fault-stage.ts';
import { percentile, round, slope } from '../support/numbers/statistics.ts';
import { markdownTable } from './lib/markdown-table.ts';
import { avOffsets } from '../support/media/frame-figures.ts';
import { processes, treeFigures } from '../support/processes/process-tree.ts';
import { builtProgram } from '../support/relay/relay-path.ts';
import { numberSetting, textSetting } from './lib/settings.ts';

const bench = openBench({
  name: 'soak',
  summary:
    'One relay with a random fault each minute. What the ingest sees of each is compared with what is promised; the ' +
    'timestamps of the output, the A/V offset, the memory of the relay and its processes are checked each minute.',
  needs: () => ['build', 'ffmpeg', 'chromium', 'ingest', 'toxiproxy'],
  settings: {
    MINUTES: numberSetting(60, 'minutes, with one fault each'),
    SEED: textSetting('', 'seed that the faults are drawn with; a random one when it is not given'),
  },
  limitMinutes: ({ MINUTES }) => 10 + MINUTES * 3,
});
const { MINUTES: minutes } = bench.settings;
const seed = bench.settings.SEED === '' ? String(Date.now() % 100_000) : bench.settings.SEED;
const MINUTE_MS = 60_000;
/** What fills up in the beginning (heap, caches, buffers) is no leak. */
const WARM_UP_MINUTES = 10;
/** ITU-R BT.1359: sound may be 45 ms early or 125 ms late before people notice. */
const EARLIEST_MS = -45;
const LATEST_MS = 125;

interface Minute {
  readonly minute: number;
  readonly fault: string;
  readonly silenceMs: number | null;
  readonly liveGapMs: number | null;
  readonly sessions: number | null;
  readonly avOffsetsMs: readonly number[];
  /** Of the whole tree, and of the supervisor alone, which no fault restarts. */
  readonly treePssMiB: number;
  readonly supervisorRssMiB: number;
  readonly complaints: readonly string[];
}

function residentMiB(pid: number): number {
  return (
    Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? 0) / 1_024
  );
}

async function playMinute(stage: FaultStage, row: FaultRow, minute: number): Promise<Minute> {
  const endsAt = performance.now() + MINUTE_MS;
  const { verdict, complaints } = await playOn(stage, row, endsAt);
  const said = [...complaints];
  const offsets: number[] = [];
  for (const { tags } of stage.ingest.tap.sessions) {
    const media = tags.filter(({ isHeader }) => !isHeader);
    if (media.length > MEDIA_WORTH_DECODING) offsets.push(...(await avOffsets(tags)));
  }
  if (offsets.some((offset) => offset < EARLIEST_MS || offset > LATEST_MS))
    said.push(
      `sound is ${String(round(Math.min(...offsets)))} to ${String(round(Math.max(...offsets)))} ms late`,
    );
  return {
    ...{ minute, fault: row.name },
    silenceMs: verdict?.silenceMs ?? null,
    liveGapMs: verdict?.liveGapMs ?? null,
    sessions: verdict?.sessions ?? null,
    avOffsetsMs: offsets.map((offset) => round(offset)),
    treePssMiB: round(treeFigures([stage.relay.pid]).pssMiB, 1),
    supervisorRssMiB: round(residentMiB(stage.relay.pid), 1),
    complaints: said,
  };
}

/** Some seconds of pictures and sound. */
const MEDIA_WORTH_DECODING = 250;

function print(minute: Minute): void {
  const { silenceMs, liveGapMs, sessions, avOffsetsMs, treePssMiB, supervisorRssMiB } = minute;
  const [least, most] = [Math.min(...avOffsetsMs), Math.max(...avOffsetsMs)];
  console.log(
    `${String(minute.minute).padStart(3)} ${minute.fault}: no media ${String(silenceMs)} ms, no host's picture ` +
      `${String(liveGapMs)} ms, ${String(sessions)} new sessions, sound ${String(least)} to ${String(most)} ms late, ` +
      `PSS ${String(treePssMiB)} MiB, supervisor ${String(supervisorRssMiB)} MiB` +
      minute.complaints.map((each) => `\n    ${each}`).join(''),
  );
}

function summary(played: readonly Minute[], processesLeft: number): object {
  const settled = played.filter(({ minute }) => minute > Math.min(WARM_UP_MINUTES, minutes / 3));
  const growth = (figure: 'treePssMiB' | 'supervisorRssMiB'): number =>
    round(10 * slope(settled.map((each) => [each.minute, each[figure]] as const)), 2);
  const offsets = played.flatMap(({ avOffsetsMs }) => avOffsetsMs);
  const byFault = Map.groupBy(played, ({ fault }) => fault);
  const rows = [...byFault].map(([fault, some]) => {
    const most = (figure: 'silenceMs' | 'liveGapMs' | 'sessions'): number =>
      Math.max(...some.map((each) => each[figure] ?? Infinity));
    return { fault, times: some.length, silenceMs: most('silenceMs'), liveGapMs: most('liveGapMs') };
  });
  console.log(
    `\n${markdownTable(
      ['fault', 'times', 'no media at most ms', "no host's picture at most ms"],
      rows.map((row) => [row.fault, String(row.times), String(row.silenceMs), String(row.liveGapMs)]),
    )}`,
  );
  return {
    faults: rows,
    broken: played.filter((each) => each.complaints.length > 0).length,
    avOffsetMs: {
      p95: round(percentile(offsets.map(Math.abs), 0.95)),
      earliest: Math.min(...offsets),
      latest: Math.max(...offsets),
    },
    growthMiBPer10Minutes: { tree: growth('treePssMiB'), supervisor: growth('supervisorRssMiB') },
    processesLeft,
  };
}

await bench.run(async () => {
  bench.report(`${String(minutes)} minutes with SEED=${seed}`);
  const random = new SeededRandom(seed);
  const played: Minute[] = [];
  await using stage = await FaultStage.open({ program: builtProgram() });
  await stage.untilLive(performance.now());
  const rows = faultRows.filter(({ needsGroup }) => needsGroup === undefined || stage.group !== undefined);
  for (let minute = 1; minute <= minutes; minute++) {
    const last = await playMinute(stage, random.pick(rows), minute);
    played.push(last);
    print(last);
    await bench.write({ minutes: minute, seed, played });
  }
  const before = new Set(stage.processes().map(({ pid }) => pid));
  stage.relay.signal('SIGTERM');
  await stage.relay.exit();
  // Chromium's processes take a moment to end after the relay has.
  const left = (): number => processes().filter(({ pid }) => before.has(pid)).length;
  await eventually('no process is left', 3, () => left() === 0).catch(() => undefined);
  const result = summary(played, left());
  console.log(JSON.stringify(result, undefined, 2));
  console.log(
    'Goals: nothing broken, under 1 MiB in 10 minutes, sound 45 ms early to 125 ms late, no process left.',
  );
  await bench.write({ minutes, seed, date: new Date().toISOString(), ...result, played });
});
