/**
 * make bench-faults: each fault that a relay has to outlive ROUNDS (100) times on one relay, all after one another.
 * FAULTS=TEXT: only those whose names contain it. What the ingest sees of each is held against what is promised, and
 * after each the relay's processes are counted. Writes bench-results/faults.json after every round.
 */
import { until } from '../integration/relay/until.ts';
import { playOn, type PlayedRound } from './lib/fault-round.ts';
import { faultRows, type FaultRow } from './lib/fault-rows.ts';
import { FaultStage } from './lib/fault-stage.ts';
import { percentile } from './lib/figures.ts';
import { markdownTable } from './lib/markdown-table.ts';
import { processes } from './lib/process-tree.ts';
import { builtProgram } from './lib/relay-path.ts';
import { writeResults } from './lib/results.ts';
import { numberSetting, textSetting } from './lib/settings.ts';

const rounds = numberSetting('ROUNDS', 100);
const part = textSetting('FAULTS', '');
/** Beside others of this kind. */
const file = textSetting('RESULTS', 'faults');

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
    for (const each of last.complaints) console.log(`${row.name}, round ${String(round)}: ${each}`);
    await told(resultOf(row, played));
  }
}

const results = new Map<string, FaultResult>();
const stage = await FaultStage.open({ program: builtProgram() });
try {
  await stage.untilLive(performance.now());
  const rows = faultRows.filter(
    ({ name, needsGroup }) => name.includes(part) && (needsGroup === undefined || stage.group !== undefined),
  );
  if (rows.length === 0) throw new Error(`FAULTS=${part}: no fault is called so`);
  const write = (more: object = {}): Promise<void> =>
    writeResults(file, { rounds, faults: [...results.values()], ...more });
  for (const row of rows) {
    await play(stage, row, async (result) => {
      results.set(row.name, result);
      await write();
    });
    const { silenceMs, broken } = results.get(row.name) ?? { silenceMs: undefined, broken: [] };
    console.log(
      `${row.name}: ${String(rounds)} rounds, ${String(broken.length)} broken, no media ${JSON.stringify(silenceMs)}`,
    );
  }
  const before = new Set(stage.processes().map(({ pid }) => pid));
  stage.relay.signal('SIGTERM');
  await stage.relay.exit();
  // Chromium's processes take a moment to end after the relay has.
  const left = (): number => processes().filter(({ pid }) => before.has(pid)).length;
  await until('no process is left', () => left() === 0, 3).catch(() => undefined);
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
} finally {
  await stage[Symbol.asyncDispose]();
}
