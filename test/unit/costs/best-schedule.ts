import { costOf, otherMode } from '../../../src/costs/choose-mode.ts';
import type { TraceStep } from '../../../src/costs/trace.ts';
import type { HourlyRates } from '../../../src/costs/viewer-prices.ts';
import { autoStreamModes, type AutoStreamMode } from '../../../src/api/values.ts';

const slotSeconds = 120;
const slotsOfHour = 30;

/**
 * The cost of the best schedule that knows the whole trace, with at most two changes in any hour, at every second
 * minute; micro-dollars. By dynamic programming over the mode and the age of the last two changes.
 */
export function bestSchedule(trace: readonly TraceStep[], rivals: HourlyRates): number {
  const modes: readonly AutoStreamMode[] = autoStreamModes;
  const slots = costsOfSlots(trace, rivals);
  // By mode, then slots since the last change and since the one before it. An hour and more is the same.
  let best = new Map<string, number>(modes.map((mode) => [keyOf(mode, slotsOfHour, slotsOfHour), 0]));
  for (const cost of slots) {
    const next = new Map<string, number>();
    const offer = (key: string, value: number): void => {
      if (value < (next.get(key) ?? Infinity)) next.set(key, value);
    };
    for (const [key, spent] of best) {
      const [mode, last, before] = read(key);
      const age = (slot: number): number => Math.min(slotsOfHour, slot + 1);
      offer(keyOf(mode, age(last), age(before)), spent + cost[mode]);
      if (before >= slotsOfHour) {
        const other = otherMode(mode);
        offer(keyOf(other, 1, age(last)), spent + cost[other]);
      }
    }
    best = next;
  }
  return Math.min(...best.values());
}

const keyOf = (mode: AutoStreamMode, last: number, before: number): string =>
  `${mode}/${String(last)}/${String(before)}`;
function read(key: string): [AutoStreamMode, number, number] {
  const [mode, last, before] = key.split('/');
  return [mode === 'hybrid' ? 'hybrid' : 'agora-only', Number(last), Number(before)];
}

function costsOfSlots(trace: readonly TraceStep[], rivals: HourlyRates): Record<AutoStreamMode, number>[] {
  const slots: Record<AutoStreamMode, number>[] = [];
  const end = trace.at(-1)?.second ?? 0;
  for (const [index, { second, viewers }] of trace.entries()) {
    const until = trace[index + 1]?.second ?? end;
    for (let at = second; at < until;) {
      const slot = Math.floor(at / slotSeconds);
      const to = Math.min(until, (slot + 1) * slotSeconds);
      const sums = (slots[slot] ??= { 'agora-only': 0, hybrid: 0 });
      for (const mode of autoStreamModes) sums[mode] += (costOf(mode, viewers, rivals) * (to - at)) / 3_600;
      at = to;
    }
  }
  return slots;
}
