import {
  nextCongestion,
  noCongestion,
  type Congestion,
  type CongestionInput,
  type CongestionSettings,
} from '../../../../src/relay/congestion/congestion.ts';

/** A host, a path and an encoder, as far as they matter for congestion. */
export interface PathModel {
  readonly hostKbps: number;
  /** undefined: the host publishes one stream. */
  readonly smallKbps?: number | undefined;
  readonly hindrance?: CongestionInput['hindrance'];
  /** What the path accepts at this second, kbit/s. */
  readonly capacity: (second: number) => number;
  readonly maxVideoBitrateKbps?: number | undefined;
}

export const QUIET_MS = 60_000;
const TICK_MS = 100;
const AUDIO_KBPS = 140;
/** As the relay's dropper does it. */
const CLOSE_LAG_MS = 1_500;
const OPEN_LAG_MS = 700;
const SMALL_STREAM_MS = 1_500;

export interface Moment {
  readonly second: number;
  readonly state: Congestion;
  readonly lagMs: number;
  readonly dropping: boolean;
}

/**
 * Plays the relay's reaction to a path, ten times per second: what is sent and not accepted waits, its age is the lag,
 * and GOPs are dropped while the lag is too large.
 */
export function simulate(model: PathModel, seconds: number): Moment[] {
  const settings: CongestionSettings = { quietMs: QUIET_MS, maxVideoBitrateKbps: model.maxVideoBitrateKbps };
  const moments: Moment[] = [];
  let state = noCongestion(QUIET_MS);
  /** What waits: when it was sent, and how much, in kbit. */
  const queue: { at: number; kbit: number }[] = [];
  const accepted: { at: number; kbit: number }[] = [];
  let gopsDropped = 0;
  let acceptedKbit = 0;
  let dropping = false;
  let lowSince: number | undefined;
  for (let at = 0; at < seconds * 1_000; at += TICK_MS) {
    if (state.stream !== 'low') lowSince = undefined;
    else lowSince ??= at;
    const small = model.smallKbps !== undefined && lowSince !== undefined && at - lowSince > SMALL_STREAM_MS;
    const source = small ? (model.smallKbps ?? 0) : model.hostKbps;
    const video = state.step.kind === 'transcode' ? Math.min(state.step.videoBitrateKbps, source) : source;
    const sent = ((dropping ? 0 : video) + AUDIO_KBPS) * (TICK_MS / 1_000);
    queue.push({ at, kbit: sent });
    let room = model.capacity(at / 1_000) * (TICK_MS / 1_000);
    let taken = 0;
    for (let first = queue[0]; first !== undefined && room > 0; first = queue[0]) {
      const part = Math.min(first.kbit, room);
      first.kbit -= part;
      room -= part;
      taken += part;
      if (first.kbit <= 1e-9) queue.shift();
    }
    acceptedKbit += taken;
    accepted.push({ at, kbit: taken });
    while ((accepted[0]?.at ?? at) <= at - 5_000) accepted.shift();
    const lagMs = queue.length === 0 ? 0 : at - (queue[0]?.at ?? at);
    if (lagMs > CLOSE_LAG_MS) {
      if (!dropping) gopsDropped++;
      dropping = true;
    } else if (lagMs < OPEN_LAG_MS && at % 2_000 === 0) dropping = false;
    const input: CongestionInput = {
      publishing: true,
      lagMs,
      gopsDropped,
      acceptedBytes: acceptedKbit * 125,
      acceptedKbps: accepted.reduce((sum, { kbit }) => sum + kbit, 0) / Math.min(5, at / 1_000 + 0.1),
      offeredKbps: source + AUDIO_KBPS,
      hostUid: 7,
      pixels: small ? 320 * 180 : 1_280 * 720,
      smallStreamUsable: true,
      videoStream: state.stream ?? 'high',
      hindrance: model.hindrance,
      encoderFailures: 0,
    };
    state = nextCongestion(state, input, settings, at);
    moments.push({ second: at / 1_000, state, lagMs, dropping });
  }
  return moments;
}

/** The steps in the order in which they were taken, each with its second. */
export function stepsOf(moments: readonly Moment[]): { second: number; step: Congestion['step'] }[] {
  return moments.flatMap(({ second, state: { step } }, i) =>
    step === moments[i - 1]?.state.step ? [] : [{ second, step }],
  );
}
