import { costOfHour, placementIn, transitionsTo, type ModeTransition } from './mode-transition.ts';
import { chooseMode, costOf, type ModeMemory } from './choose-mode.ts';
import type { MicroDollars } from './price-book.ts';
import type { TraceStep } from './trace.ts';
import type { HourlyRates } from './viewer-prices.ts';
import type { AutoStreamMode } from '../api/values.ts';

/** How often auto looks, as the recorder does. */
const lookSeconds = 10;
const hourSeconds = 3_600;

export interface SimulationResult {
  readonly microDollars: MicroDollars;
  readonly switches: number;
}

/** What a trace costs in one mode from beginning to end. */
export function simulateStatic(
  trace: readonly TraceStep[],
  mode: AutoStreamMode,
  rivals: HourlyRates,
): SimulationResult {
  const cost = pieces(trace).reduce(
    (sum, { viewers, seconds }) => sum + (costOf(mode, viewers, rivals) * seconds) / hourSeconds,
    0,
  );
  return { microDollars: Math.round(cost), switches: 0 };
}

/**
 * What it costs with `streamMode: auto`, changes included: chooseMode looks each ten seconds, and knows nothing of what
 * is to come.
 */
export function simulateAuto(trace: readonly TraceStep[], rivals: HourlyRates): SimulationResult {
  let mode: AutoStreamMode = 'agora-only';
  let memory: ModeMemory | undefined;
  let standing = placementIn(mode);
  let turns: readonly ModeTransition[] = [];
  let cost = 0;
  let switches = 0;
  let nextLook = trace[0]?.second ?? 0;
  for (const { second, seconds, viewers } of pieces(trace)) {
    let at = second;
    while (at < second + seconds) {
      if (at >= nextLook) {
        const answer = chooseMode({ now: at * 1_000, mode, viewers, rivals, memory });
        if (answer.mode !== undefined) {
          mode = answer.mode;
          // Where it begins is no change: nobody is there yet.
          if (memory === undefined) standing = placementIn(mode);
          else {
            turns = transitionsTo(mode, standing, at);
            switches += 1;
          }
        }
        memory = answer.memory;
        nextLook = at + lookSeconds;
      }
      const past = turns.filter((turn) => turn.second <= at);
      standing = past.at(-1) ?? standing;
      turns = turns.slice(past.length);
      const until = Math.min(second + seconds, nextLook, turns[0]?.second ?? Infinity);
      cost += (costOfHour(standing, viewers, rivals) * (until - at)) / hourSeconds;
      at = until;
    }
  }
  return { microDollars: Math.round(cost), switches };
}

function pieces(trace: readonly TraceStep[]): readonly (TraceStep & { readonly seconds: number })[] {
  return trace
    .slice(0, -1)
    .map((step, index) => ({ ...step, seconds: (trace[index + 1]?.second ?? step.second) - step.second }));
}
