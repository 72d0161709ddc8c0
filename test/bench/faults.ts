/** make bench-faults: see `summary` below. */
import { eventually } from '../support/wait/eventually.ts';
import { openBench } from './lib/bench.ts';
import { playOn, type PlayedRound } from '../support/faults/fault-round.ts';
import { faultRows, type FaultRow } from '../support/faults/fault-rows.ts';
import { FaultStage } from '../support/faults/fault-stage.ts';
import { percentile } from '../support/numbers/statistics.ts';
import { markdownTable } from './lib/markdown-table.ts';
import { processes } from '../support/processes/process-tree.ts';
import { builtProgram } from '../support/relay/relay-path.ts';
import { numberSetting, textSetting } from './lib/settings.ts';

const bench = openBench({
  name: 'faults',
  summary:
    'Each fault that a relay has to survive, many times on one relay. What the ingest sees of each is compared with ' +
    'what is promised, and the processes of the relay are counted after each. Results are written after each round.',
  needs: () => ['build', 'ffmpeg', 'chromium', 'ingest', 'toxiproxy'],
  settings: {
    ROUNDS: numberSetting(100, 'rounds of each fault; 100 take hours'),
    FAULTS: textSetting('', 'only faults whose name contains this text'),
  },
  limitMinutes: ({ ROUNDS }) => 10 + ROUNDS * faultRows.length * 2,
});
const { ROUNDS: rounds, FAULTS: part } = bench.settings;

interface FaultResult {
  readonly fault: string;
  readonly rounds: number;
  /** Milliseconds: the time without media at the ingest, and what is promised. */
  readonly silenceMs: { readonly p50: number; readonly most: number; readonly promised: number };
  /** Rounds in which a promise was broken, or something went wrong, with what. */
  readonly broken: readonly { readonly round: number; readonly complaints: readonly string[] }[];
}

function resultOf(row: FaultRow, played: readonly PlayedRound[]): FaultResult {
  const silences = played.flatMap(({ verdict }) => verdict?.silenceMs ?? []);
  return {
    fault: row.name,
    rounds: played.length,
    silenceMs: {
      p50: Math.round(percentile(silences, 0.5)),
      most: Math.round(Math.max(...silences)),
      promised: row.silenceMs,
    },
    broken: played.flatMap(({ complaints }, index) =>
      complaints.length === 0 ? [] : [{ round: index + 1, complaints }],
    ),
  };
}

async function play(
  stage: FaultStage,
  row: FaultRow,
  told: (result: FaultResult) => Promise<void>,
): Promise<void> {
  const played: PlayedRound[] = [];
  for (let round = 1; round <= rounds; round++) {
    const last = await playOn(stage, row);
    played.push(last);
    bench.report(`${row.name}: round ${String(round)} of ${String(rounds)}`);
    for (const each of last.complaints) bench.report(`${row.name}, round ${String(round)}: ${each}`);
    await told(resultOf(row, played));
  }
}

await bench.run(async () => {
  const results = new Map<string, FaultResult>();
  bench.report('starting a relay');
  await using stage = await FaultStage.open({ program: builtProgram() });
  await stage.untilLive(performance.now());
  const rows = faultRows.filter(
    ({ name, needsGroup }) => name.includes(part) && (needsGroup === undefined || stage.group !== undefined),
  );
  if (rows.length === 0) throw new Error(`FAULTS=${part}: no fault is called so`);
  const write = (more: object = {}): Promise<void> =>
    bench.write({ rounds, faults: [...results.values()], ...more });
  for (const row of rows) {
    await play(stage, row, async (result) => {
      results.set(row.name, result);
      await write();
    });
    const { silenceMs, broken } = results.get(row.name) ?? { silenceMs: undefined, broken: [] };
    bench.report(
      `${row.name}: ${String(rounds)} rounds, ${String(broken.length)} broken, no media ${JSON.stringify(silenceMs)}`,
    );
  }
  const before = new Set(stage.processes().map(({ pid }) => pid));
  stage.relay.signal('SIGTERM');
  await stage.relay.exit();
  // Chromium's processes take a moment to end after the relay has.
  const left = (): number => processes().filter(({ pid }) => before.has(pid)).length;
  await eventually('no process is left', 3, () => left() === 0).catch(() => undefined);
  await write({ date: new Date().toISOString(), processesLeft: left() });
  console.log(
    markdownTable(
      ['fault', 'rounds', 'broken', 'no media p50 ms', 'most', 'promised'],
      [...results.values()].map(({ fault, rounds: count, broken, silenceMs: { p50, most, promised } }) =>
        [fault, count, broken.length, p50, most, promised].map(String),
      ),
    ),
  );
  console.log(`Processes left: ${String(left())}`);
  if ([...results.values()].some(({ broken }) => broken.length > 0) || left() > 0) process.exitCode = 1;
});
