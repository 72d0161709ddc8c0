import { costOfHour, placementIn, transitionsTo, type ModeTransition } from './mode-transition.ts';
import { chooseMode, costOf, type ModeMemory } from './choose-mode.ts';
import type { MicroDollars } from './price-book.ts';
import type { TraceStep } from './trace.ts';
import type { HourlyRates } from './viewer-prices.ts';
import type { AutoStreamMode } from '../api/values.ts';

/** Time between two decisions of auto; the same interval as the recorder's. */
const DECISION_INTERVAL_SECONDS = 10;
const HOUR_SECONDS = 3_600;

/** The costs of a trace in one mode. */
export interface SimulationResult {
  /** Total for the whole trace. */
  readonly microDollars: MicroDollars;
  /** Number of mode changes. */
  readonly switches: number;
}

/** The costs of a trace that stays in one mode from beginning to end. */
export function simulateStatic(
  trace: readonly TraceStep[],
  mode: AutoStreamMode,
  rivals: HourlyRates,
): SimulationResult {
  const cost = pieces(trace).reduce(
    (sum, { viewers, seconds }) => sum + (costOf(mode, viewers, rivals) * seconds) / HOUR_SECONDS,
    0,
  );
  return { microDollars: Math.round(cost), switches: 0 };
}

/**
 * The costs of a trace with `streamMode: auto`, including the mode changes. chooseMode decides every ten seconds and sees
 * only the past.
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
          // The initial mode is not a change: no viewers have been sent anywhere yet.
          if (memory === undefined) standing = placementIn(mode);
          else {
            turns = transitionsTo(mode, standing, at);
            switches += 1;
          }
        }
        memory = answer.memory;
        nextLook = at + DECISION_INTERVAL_SECONDS;
      }
      const past = turns.filter((turn) => turn.second <= at);
      standing = past.at(-1) ?? standing;
      turns = turns.slice(past.length);
      const until = Math.min(second + seconds, nextLook, turns[0]?.second ?? Infinity);
      cost += (costOfHour(standing, viewers, rivals) * (until - at)) / HOUR_SECONDS;
      at = until;
    }
  }
  return { microDollars: Math.round(cost), switches };
}

/** The steps of the trace with their lengths in seconds. The last row only ends the trace. */
function pieces(trace: readonly TraceStep[]): readonly (TraceStep & { readonly seconds: number })[] {
  return trace
    .slice(0, -1)
    .map((step, index) => ({ ...step, seconds: (trace[index + 1]?.second ?? step.second) - step.second }));
}
