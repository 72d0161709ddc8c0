import { SeededRandom } from '../support/numbers/seeded-random.ts';
import { playRound, type RoundResult } from './round.ts';
import { explain } from './explain.ts';
import { buildStage, type LifecycleStage } from './lifecycle-stage.ts';
import type { LifecycleProvider } from './stand-in.ts';
import type { Finding } from './judge.ts';

export interface LifecycleRun {
  readonly providers: readonly LifecycleProvider[];
  /** For each platform. */
  readonly lifecycles: number;
  /** So many are played side by side. */
  readonly atOnce: number;
  readonly seed: number;
  readonly scale: number;
  /** Of a lifecycle. */
  readonly mostSteps: number;
  /** The one lifecycle of this number alone. */
  readonly only: number | undefined;
  readonly report: (line: string) => void;
}

/** What came of one platform's lifecycles. */
export interface Row {
  readonly platform: LifecycleProvider;
  readonly lifecycles: number;
  readonly actions: number;
  readonly faults: number;
  readonly crashes: number;
  readonly creates: number;
  readonly adoptions: number;
  readonly leaks: number;
  readonly doubles: number;
  readonly foreign: number;
  readonly states: number;
  readonly failed: number;
  readonly seconds: number;
}

export async function runLifecycles(run: LifecycleRun): Promise<readonly Row[]> {
  run.report(`SEED=${String(run.seed)}`);
  await using stage = await buildStage(run.scale);
  const rows: Row[] = [];
  for (const provider of run.providers) rows.push(await runPlatform(stage, provider, run));
  return rows;
}

async function runPlatform(
  stage: LifecycleStage,
  provider: LifecycleProvider,
  run: LifecycleRun,
): Promise<Row> {
  const { lifecycles, atOnce, seed, only, mostSteps, report } = run;
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1_000;
  const results: RoundResult[] = [];
  let played = 0;
  for (let first = 0, index = 0; first < lifecycles; first += atOnce, index += 1) {
    const all = Array.from({ length: Math.min(atOnce, lifecycles - first) }, (_, offset) => first + offset);
    const numbers = only === undefined ? all : all.filter((number) => number === only);
    if (numbers.length === 0) continue;
    const random = new SeededRandom(`${String(seed)}/${provider}/${String(index)}`);
    const result = await playRound(stage, {
      name: `${provider}-${String(index)}`,
      provider,
      numbers,
      random,
      mostSteps,
      orphanPolicy: index % 2 === 0 ? 'Delete' : 'Report',
    });
    results.push(result);
    played += numbers.length;
    const { partner, crashes, faults, findings, phases } = result;
    report(
      `${provider} and ${partner}: ${String(played)} of ${String(only === undefined ? lifecycles : 1)} lifecycles, ` +
        `${String(faults)} faults, ${String(crashes)} crashes, ` +
        `${findings.length === 0 ? 'all well' : `${String(findings.length)} FINDINGS`} (${seconds().toFixed(0)} s; ${phases.map((each) => each.toFixed(0)).join(', ')})`,
    );
    if (findings.length > 0) report(await explain(result, replayOf(run, provider)));
  }
  const findings = results.flatMap((result) => result.findings);
  const count = (kind: Finding['kind']): number => findings.filter((each) => each.kind === kind).length;
  const sum = (of: (result: RoundResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  return {
    platform: provider,
    lifecycles: played,
    actions: sum(({ actions }) => actions),
    faults: sum(({ faults }) => faults),
    crashes: sum(({ crashes }) => crashes),
    creates: sum(({ creates }) => creates),
    adoptions: sum(({ adoptions }) => adoptions),
    leaks: count('leak'),
    doubles: count('double'),
    foreign: count('foreign'),
    states: count('state'),
    failed: findings.length,
    seconds: seconds(),
  };
}

/** What plays a round again. */
function replayOf({ seed, lifecycles, atOnce, mostSteps, scale }: LifecycleRun, provider: string): string {
  const settings = { SEED: seed, PLATFORM: provider, LIFECYCLES: lifecycles, CHANNELS: atOnce };
  return Object.entries({ ...settings, STEPS: mostSteps, SCALE: scale })
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}
