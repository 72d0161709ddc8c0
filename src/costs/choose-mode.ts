import { hourOnAgora, hourOnHls, type HourlyRates } from './viewer-prices.ts';
import type { AutoStreamMode } from '../api/values.ts';

/** What has to be remembered between two decisions: plain data, so that another leader can go on with it. */
export interface ModeMemory {
  /** When it was written, Unix milliseconds. */
  readonly at: number;
  /** What the other mode would have saved lately, in micro-dollars; less than nothing where this one was cheaper. */
  readonly regret: number;
  /** Viewers, smoothed, and how many more or fewer there are each second. */
  readonly level: number;
  readonly slope: number;
  /** When the mode changed within the last hour. */
  readonly switches: readonly number[];
}

export interface ModeDecisionInput {
  /** Unix milliseconds. */
  readonly now: number;
  readonly mode: AutoStreamMode;
  /** On Agora and HLS together; undefined: nobody knows, and nothing is decided. */
  readonly viewers: number | undefined;
  readonly rivals: HourlyRates;
  readonly memory: ModeMemory | undefined;
}

export interface ModeDecisionOutput {
  readonly memory: ModeMemory;
  /** undefined: it stays as it is. */
  readonly mode: AutoStreamMode | undefined;
}

const hourMs = 3_600_000;
const mostInAnHour = 2;
/** A look after a longer pause says nothing of the time between. */
const longestStepMs = 60_000;
/** How fast the smoothed figures follow. */
const levelMs = 30_000;
const slopeMs = 120_000;
/** The forecast is for so long ahead, the trend going on with half its strength. */
const aheadSeconds = 300;
const damping = 0.5;
/** The regret that a change is worth: what the relay costs in so long. */
const patienceMs = 60_000;
/** What the present mode has saved counts against it, up to so many times as much. */
const credit = 2;
/** By so much the other mode has to be cheaper for the viewers that are forecast. */
const margin = 0.02;

/**
 * On Agora alone, or on HLS too: whichever costs less, without going to and fro. It is the rule of the ski rental: a
 * mode is left when it has cost so much more than the other one that the change would have paid, and the forecast says
 * that it goes on. So a rush is answered within seconds, and a few viewers more or less within minutes or never.
 *
 * At most two changes in any hour; and viewers are only sent to Agora when they could be brought back at once, since a
 * rush on Agora is dear and an idle relay is not.
 */
export function chooseMode({ now, mode, viewers, rivals, memory }: ModeDecisionInput): ModeDecisionOutput {
  const before = memory ?? { at: now, regret: 0, level: viewers ?? 0, slope: 0, switches: [] };
  const switches = before.switches.filter((at) => now - at < hourMs);
  if (viewers === undefined) return { memory: { ...before, at: now, regret: 0, switches }, mode: undefined };
  const stepMs = Math.min(Math.max(0, now - before.at), longestStepMs);
  const { level, slope } = followed(before, viewers, stepMs);
  const saved = savingOf(mode, viewers, rivals);
  const enoughRegret = (rivals.relay * patienceMs) / hourMs;
  const regret = Math.max(-credit * enoughRegret, before.regret + (saved * stepMs) / hourMs);
  const seen = { at: now, regret, level, slope, switches };

  const ahead = Math.max(0, level + damping * slope * aheadSeconds);
  const goesOn = savingOf(mode, ahead, rivals) > margin * costOf(mode, ahead, rivals);
  const enough = regret >= enoughRegret;
  const may = mode === 'agora-only' ? switches.length < mostInAnHour : switches.length < mostInAnHour - 1;
  // At the very first look nobody is anywhere yet.
  const first = memory === undefined && saved > margin * costOf(mode, viewers, rivals);
  if (!may || !(first || (enough && goesOn && saved > 0))) return { memory: seen, mode: undefined };
  return {
    memory: { ...seen, regret: 0, switches: first ? switches : [...switches, now] },
    mode: otherMode(mode),
  };
}

export const otherMode = (mode: AutoStreamMode): AutoStreamMode =>
  mode === 'hybrid' ? 'agora-only' : 'hybrid';

/** An hour in that mode, micro-dollars. */
export function costOf(mode: AutoStreamMode, viewers: number, rivals: HourlyRates): number {
  return mode === 'hybrid' ? hourOnHls(rivals, viewers) : hourOnAgora(rivals, viewers);
}

/** What the other mode would save in an hour; less than nothing where it is dearer. */
function savingOf(mode: AutoStreamMode, viewers: number, rivals: HourlyRates): number {
  return costOf(mode, viewers, rivals) - costOf(otherMode(mode), viewers, rivals);
}

/** Exponential smoothing of level and trend (Holt), for steps of any length. */
function followed(
  { level: last, slope: trend }: ModeMemory,
  viewers: number,
  stepMs: number,
): Pick<ModeMemory, 'level' | 'slope'> {
  if (stepMs === 0) return { level: last, slope: trend };
  const seconds = stepMs / 1_000;
  const level = last + trend * seconds + share(stepMs, levelMs) * (viewers - (last + trend * seconds));
  const slope = trend + share(stepMs, slopeMs) * ((level - last) / seconds - trend);
  return { level, slope };
}

const share = (stepMs: number, timeMs: number): number => 1 - Math.exp(-stepMs / timeMs);
