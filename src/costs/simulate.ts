import { chooseMode, costOf, type Mode, type ModeMemory } from './choose-mode.ts';
import type { MicroDollars } from './price-book.ts';
import type { TraceStep } from './trace.ts';
import type { Rivals } from './viewer-prices.ts';

/** How often auto looks, as the recorder does. */
const lookSeconds = 10;
const hourSeconds = 3_600;

export interface Outcome {
  readonly microDollars: MicroDollars;
  readonly switches: number;
}

/** What a trace costs in one mode from beginning to end. */
export function simulateStatic(trace: readonly TraceStep[], mode: Mode, rivals: Rivals): Outcome {
  const cost = pieces(trace).reduce(
    (sum, { viewers, seconds }) => sum + (costOf(mode, viewers, rivals) * seconds) / hourSeconds,
    0,
  );
  return { microDollars: Math.round(cost), switches: 0 };
}

/** What it costs with `streamMode: auto`: chooseMode looks each ten seconds, and knows nothing of what is to come. */
export function simulateAuto(trace: readonly TraceStep[], rivals: Rivals): Outcome {
  let mode: Mode = 'agora-only';
  let memory: ModeMemory | undefined;
  let cost = 0;
  let switches = 0;
  let nextLook = trace[0]?.second ?? 0;
  for (const piece of pieces(trace)) {
    let at = piece.second;
    const end = piece.second + piece.seconds;
    while (at < end) {
      if (at >= nextLook) {
        const answer = chooseMode({ now: at * 1_000, mode, viewers: piece.viewers, rivals, memory });
        // Where it begins is no change: nobody is there yet.
        if (answer.mode !== undefined && memory !== undefined) switches += 1;
        mode = answer.mode ?? mode;
        memory = answer.memory;
        nextLook = at + lookSeconds;
      }
      const until = Math.min(end, nextLook);
      cost += (costOf(mode, piece.viewers, rivals) * (until - at)) / hourSeconds;
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
