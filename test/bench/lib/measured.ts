import { setTimeout as pause } from 'node:timers/promises';
import type { ControlGroup } from '../../support/processes/control-group.ts';
import { mean, round } from '../../support/numbers/statistics.ts';
import { cpuByProgram, treeFigures } from '../../support/processes/process-tree.ts';

/** A way to the ingest while it runs: all its processes are these and below them. */
export interface RunningPath extends AsyncDisposable {
  readonly roots: readonly number[];
}

export interface TreeUse {
  readonly cores: number;
  readonly pssMiB: number;
  readonly pssMiBMost: number;
  /** undefined where no control group could be made. */
  readonly workingSetMiB: number | undefined;
  readonly processes: number;
  /** Cores by program, the largest first. */
  readonly coresByProgram: Readonly<Record<string, number>>;
}

const SAMPLE_MS = 1_000;

/** What the processes use for so long. Memory is looked at each second; the mean counts. */
export async function useOf(
  path: RunningPath,
  group: ControlGroup | undefined,
  seconds: number,
): Promise<TreeUse> {
  const started = performance.now();
  const cpu = (): number => group?.cpuSeconds ?? treeFigures(path.roots).cpuSeconds;
  const before = cpu();
  const programsBefore = cpuByProgram(path.roots);
  const pss: number[] = [];
  const workingSets: number[] = [];
  let processes = 0;
  while (performance.now() - started < seconds * 1_000) {
    const figures = treeFigures(path.roots);
    pss.push(figures.pssMiB);
    processes = Math.max(processes, figures.processes);
    if (group !== undefined) workingSets.push(group.workingSetMiB);
    await pause(Math.min(SAMPLE_MS, Math.max(0, started + seconds * 1_000 - performance.now())));
  }
  const elapsed = (performance.now() - started) / 1_000;
  const programs = [...cpuByProgram(path.roots)]
    .map(([name, used]) => [name, round((used - (programsBefore.get(name) ?? 0)) / elapsed, 3)] as const)
    .sort(([, a], [, b]) => b - a);
  return {
    cores: (cpu() - before) / elapsed,
    pssMiB: mean(pss),
    pssMiBMost: Math.max(...pss),
    workingSetMiB: group === undefined ? undefined : mean(workingSets),
    processes,
    coresByProgram: Object.fromEntries(programs),
  };
}
