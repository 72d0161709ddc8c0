import { hourOnAgora, hourOnHls, type HourlyRates } from './viewer-prices.ts';
import type { AutoStreamMode } from '../api/values.ts';

/** The state kept between two decisions. Plain data, so that a new leader can continue with it. */
export interface ModeMemory {
  /** Time of the decision that wrote it, Unix milliseconds. */
  readonly at: number;
  /** What the alternative mode would have saved recently, in micro-dollars; negative if the current mode was cheaper. */
  readonly regret: number;
  /** Smoothed number of viewers. */
  readonly level: number;
  /** Smoothed change of the number of viewers per second. */
  readonly slope: number;
  /** Times of the mode changes within the last hour, Unix milliseconds. */
  readonly switches: readonly number[];
}

/** What chooseMode decides on. */
export interface ModeDecisionInput {
  /** Unix milliseconds. */
  readonly now: number;
  readonly mode: AutoStreamMode;
  /** On Agora and HLS together. undefined: the number is not known, and the mode stays as it is. */
  readonly viewers: number | undefined;
  readonly rivals: HourlyRates;
  /** The memory that the previous decision returned; undefined for the first decision. */
  readonly memory: ModeMemory | undefined;
}

/** The decision, and the memory to pass to the next one. */
export interface ModeDecisionOutput {
  readonly memory: ModeMemory;
  /** The mode to change to. undefined: the mode stays as it is. */
  readonly mode: AutoStreamMode | undefined;
}

const HOUR_MS = 3_600_000;
const MAX_SWITCHES_PER_HOUR = 2;
/** Upper bound on the time that one decision accounts for: after a longer pause, the time in between is not known. */
const MAX_STEP_MS = 60_000;
/** Time constants of the exponential smoothing of the number of viewers and of its trend. */
const LEVEL_SMOOTHING_MS = 30_000;
const SLOPE_SMOOTHING_MS = 120_000;
/** The forecast extrapolates the trend, damped by a half, over this time. */
const FORECAST_SECONDS = 300;
const TREND_DAMPING = 0.5;
/** A change requires a regret equal to the relay's costs over this time. */
const REGRET_RELAY_TIME_MS = 60_000;
/** Limit of negative regret, as a multiple of the regret that a change requires: how long past savings delay a change. */
const MAX_CREDIT_FACTOR = 2;
/** The alternative mode must be cheaper by this share of the costs for the forecast number of viewers. */
const SAVING_MARGIN = 0.02;

/**
 * Chooses between Agora only and HLS by cost, without oscillation. This is the ski-rental rule (docs/decisions/0014):
 * the mode changes when its accumulated extra cost would have paid for the change and the forecast says that the extra
 * cost continues. A rush of viewers therefore changes the mode within seconds; a few viewers more or less change it
 * within minutes or not at all.
 *
 * The mode changes at most twice in any hour. Viewers are sent to Agora only if a second change back to HLS would still be
 * allowed, because a rush on Agora is expensive and an idle relay is not.
 */
export function chooseMode({ now, mode, viewers, rivals, memory }: ModeDecisionInput): ModeDecisionOutput {
  const before = memory ?? { at: now, regret: 0, level: viewers ?? 0, slope: 0, switches: [] };
  const switches = before.switches.filter((at) => now - at < HOUR_MS);
  if (viewers === undefined) return { memory: { ...before, at: now, regret: 0, switches }, mode: undefined };
  const stepMs = Math.min(Math.max(0, now - before.at), MAX_STEP_MS);
  const { level, slope } = followed(before, viewers, stepMs);
  const saved = savingOf(mode, viewers, rivals);
  const enoughRegret = (rivals.relay * REGRET_RELAY_TIME_MS) / HOUR_MS;
  const regret = Math.max(-MAX_CREDIT_FACTOR * enoughRegret, before.regret + (saved * stepMs) / HOUR_MS);
  const seen = { at: now, regret, level, slope, switches };

  const ahead = Math.max(0, level + TREND_DAMPING * slope * FORECAST_SECONDS);
  const goesOn = savingOf(mode, ahead, rivals) > SAVING_MARGIN * costOf(mode, ahead, rivals);
  const enough = regret >= enoughRegret;
  const may =
    mode === 'agora-only'
      ? switches.length < MAX_SWITCHES_PER_HOUR
      : switches.length < MAX_SWITCHES_PER_HOUR - 1;
  // At the first decision, no viewers have been sent to either mode, so a change costs nothing.
  const first = memory === undefined && saved > SAVING_MARGIN * costOf(mode, viewers, rivals);
  if (!may || !(first || (enough && goesOn && saved > 0))) return { memory: seen, mode: undefined };
  return {
    memory: { ...seen, regret: 0, switches: first ? switches : [...switches, now] },
    mode: otherMode(mode),
  };
}

/** The alternative to the given mode. */
export const otherMode = (mode: AutoStreamMode): AutoStreamMode =>
  mode === 'hybrid' ? 'agora-only' : 'hybrid';

/** The costs of an hour in that mode with that number of viewers, in micro-dollars. */
export function costOf(mode: AutoStreamMode, viewers: number, rivals: HourlyRates): number {
  return mode === 'hybrid' ? hourOnHls(rivals, viewers) : hourOnAgora(rivals, viewers);
}

/** What the alternative mode would save in an hour, in micro-dollars; negative if it is more expensive. */
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
  const level =
    last + trend * seconds + share(stepMs, LEVEL_SMOOTHING_MS) * (viewers - (last + trend * seconds));
  const slope = trend + share(stepMs, SLOPE_SMOOTHING_MS) * ((level - last) / seconds - trend);
  return { level, slope };
}

const share = (stepMs: number, timeMs: number): number => 1 - Math.exp(-stepMs / timeMs);
