import type { HealthFacts, MediaFacts, SellerChannel } from './facts.ts';
import { BUYERS_STALE_MS, fresh, STALE_MS } from './freshness.ts';
import {
  causeKeys,
  isKnown,
  signals,
  type CauseKey,
  type Fault,
  type Figures,
  type Reading,
  type SignalSource,
} from './signals.ts';
import { usualOf, withSample, type Samples } from './usual.ts';

/** Why a seller's show is not good. */
export interface Cause {
  readonly key: CauseKey;
  readonly level: 'fair' | 'poor';
  readonly fault: Fault;
  readonly figures: Figures;
}

export type HealthView =
  /** `buyersReport`: enough buyers report that they see it well; otherwise only what is sent to them is known. */
  | { readonly level: 'good'; readonly buyersReport: boolean }
  /** At most two causes, the worst first. */
  | { readonly level: 'fair' | 'poor'; readonly causes: readonly Cause[] }
  | {
      readonly level: 'unknown';
      /** `no-report`: the relay has not reported for some time. `partly`: it did not report everything. */
      readonly reason: 'connecting' | 'no-connection' | 'refused' | 'no-report' | 'partly';
    }
  /** `begun`: viewers see the last frame or the slate since then; otherwise the show has not begun. */
  | { readonly level: 'away'; readonly begun: boolean; readonly since: number | undefined }
  | { readonly level: 'off'; readonly reason: 'ended' | 'stopped' | 'idle' | 'agora-only' };

/** What is remembered of one signal. Times are monotonic milliseconds. */
interface SignalMemory {
  readonly badSince: number | undefined;
  readonly poorSince: number | undefined;
  /** The cause is shown until then, at its level. */
  readonly fairUntil: number;
  readonly poorUntil: number;
  /** When it was last as bad as it is shown. */
  readonly shown: Reading | undefined;
}

export interface HealthMemory {
  readonly view: HealthView;
  readonly signals: Readonly<Partial<Record<CauseKey, SignalMemory>>>;
  readonly samples: Samples;
}

/** Quick to warn, slow to clear: a cause is shown for this time after it was last seen. */
export const CLEAR_MS = 10_000;
const MOST_CAUSES = 2;

export const initialHealth: HealthMemory = {
  view: { level: 'unknown', reason: 'connecting' },
  signals: {},
  samples: [],
};

/** The health of a seller's show. */
export function health(given: HealthFacts, before: HealthMemory): HealthMemory {
  const facts = withoutStale(given);
  const samples = facts.media === undefined ? before.samples : withSample(before.samples, facts.media);
  const usual = usualOf(samples);
  const sources = knownSources(facts);
  const remembered = Object.fromEntries(
    causeKeys.flatMap((key) => {
      const { source, read, fairAfterMs = 0, poorAfterMs = 0 } = signals[key];
      if (!sources.has(source)) return [];
      const reading = read(facts, usual);
      return [[key, next(before.signals[key], reading, { now: facts.now, fairAfterMs, poorAfterMs })]];
    }),
  );
  const causes = causeKeys
    .flatMap((key) => causeOf(key, remembered[key], facts.now))
    .sort((left, right) => Number(left.level === 'fair') - Number(right.level === 'fair'))
    .slice(0, MOST_CAUSES);
  return { view: viewOf(facts, causes), signals: remembered, samples };
}

function withoutStale(facts: HealthFacts): HealthFacts {
  const { now, media, buyers, uplink } = facts;
  return {
    ...facts,
    media: fresh(media, now, STALE_MS),
    buyers: fresh(buyers, now, BUYERS_STALE_MS),
    uplink: fresh(uplink, now, STALE_MS),
  };
}

/** Of what is known now, and matters in the present state. A cause without its source is dropped at once. */
function knownSources({ service, channel, media, buyers, uplink }: HealthFacts): ReadonlySet<SignalSource> {
  const known = new Set<SignalSource>();
  if (channel === undefined || offReason(channel) === 'ended') return known;
  const off = offReason(channel);
  if (uplink !== undefined && (off === undefined || off === 'agora-only')) known.add('uplink');
  if (service !== 'ok' || off !== undefined || isWaitingForHost(channel)) return known;
  known.add('channel');
  if (channel.status !== 'active' || media === undefined || isAway(media)) return known;
  known.add('media');
  if (buyers !== undefined) known.add('buyers');
  return known;
}

function viewOf(facts: HealthFacts, [first, ...others]: readonly Cause[]): HealthView {
  const { service, channel, media, buyers } = facts;
  if (service === 'refused') return { level: 'unknown', reason: 'refused' };
  if (first !== undefined) return { level: first.level, causes: [first, ...others] };
  if (service === 'away') return { level: 'unknown', reason: 'no-connection' };
  if (channel === undefined || service === 'connecting') return { level: 'unknown', reason: 'connecting' };
  const off = offReason(channel);
  if (off !== undefined) return { level: 'off', reason: off };
  if (isWaitingForHost(channel)) return { level: 'away', begun: false, since: undefined };
  if (media === undefined) return { level: 'unknown', reason: 'no-report' };
  if (isAway(media)) return { level: 'away', begun: true, since: awaySince(channel) };
  if (!isKnown(media)) return { level: 'unknown', reason: 'partly' };
  return { level: 'good', buyersReport: buyers?.stalledShare !== undefined };
}

function offReason(channel: SellerChannel): Extract<HealthView, { level: 'off' }>['reason'] | undefined {
  if (channel.ended) return 'ended';
  if (channel.mode === 'agora-only') return 'agora-only';
  if (channel.idle && channel.status === 'stopped') return 'idle';
  return channel.wanted ? undefined : 'stopped';
}

/** The relay has joined, and there is no host whose show it could begin. */
const isWaitingForHost = ({ status, conditions }: SellerChannel): boolean =>
  status === 'starting' && conditions['RelayReady']?.reason === 'WaitingForHost';

const isAway = ({ output, host }: MediaFacts): boolean => output !== 'live' && host?.video !== true;

function awaySince({ conditions }: SellerChannel): number | undefined {
  const present = conditions['HostPresent'];
  // A host with the microphone alone is present, and the time of the last frame is not in the conditions.
  return present?.status === 'False' ? present.since : undefined;
}

interface Timing {
  readonly now: number;
  readonly fairAfterMs: number;
  readonly poorAfterMs: number;
}

function next(
  before: SignalMemory | undefined,
  reading: Reading | undefined,
  { now, fairAfterMs, poorAfterMs }: Timing,
): SignalMemory {
  const isBad = reading !== undefined && reading.level !== 'good';
  const badSince = isBad ? (before?.badSince ?? now) : undefined;
  const poorSince = reading?.level === 'poor' ? (before?.poorSince ?? now) : undefined;
  const isPoor = poorSince !== undefined && now - poorSince >= poorAfterMs;
  const isFair = isPoor || (badSince !== undefined && now - badSince >= fairAfterMs);
  const poorUntil = isPoor ? now + CLEAR_MS : (before?.poorUntil ?? -Infinity);
  const fairUntil = isFair ? now + CLEAR_MS : (before?.fairUntil ?? -Infinity);
  // While a worse level is still shown, so are its figures.
  const isShown = isPoor || (isFair && now >= poorUntil);
  return { badSince, poorSince, poorUntil, fairUntil, shown: isShown ? reading : before?.shown };
}

function causeOf(key: CauseKey, memory: SignalMemory | undefined, now: number): readonly Cause[] {
  if (memory?.shown === undefined || now >= memory.fairUntil) return [];
  const { fault, figures } = memory.shown;
  return [{ key, level: now < memory.poorUntil ? 'poor' : 'fair', fault, figures }];
}
