import {
  conditionStatuses,
  effectiveStreamModes,
  healths,
  relayStatuses,
  streamModes,
  videoOutputs,
} from '../../../api/value-lists.ts';
import type { EffectiveStreamMode } from '../../../api/values.ts';
import { isRecord, text, time } from '../../player/channel/parsing.ts';
import type { BuyerFacts, ConditionFacts, MediaFacts, Numbers, SellerChannel } from '../core/facts.ts';
import type { DeliveryOption, DeliveryView, HistoryPoint } from '../core/snapshot.ts';

/** Parsers of what the service answers to sellers. Each returns undefined for what does not have the expected shape. */

/** More conditions than any channel has, and more points than an hour of them. */
const MOST_CONDITIONS = 20;
const MOST_POINTS = 120;
const MOST_OPTIONS = 8;
/** Of the players' reports. */
const RECENT_MINUTES = 3;
/** Nothing that is measured here is greater; a greater number is a mistake. */
const GREATEST = 1e9;

type Fields = Readonly<Record<string, unknown>>;

/** GET /v1/channels/{id}, and the same in events. */
export function parseSellerChannel(value: unknown): SellerChannel | undefined {
  if (!isRecord(value) || !isRecord(value['relay'])) return undefined;
  const { status, wanted, idleSince } = value['relay'];
  const relayStatus = oneOf(status, relayStatuses);
  const streamMode = oneOf(value['streamMode'], streamModes);
  if (relayStatus === undefined || typeof wanted !== 'boolean' || streamMode === undefined) return undefined;
  return {
    status: relayStatus,
    wanted,
    idle: typeof idleSince === 'string',
    ended: value['deleting'] === true,
    streamMode,
    mode: modeOf(value['effectiveStreamMode']),
    platform: text(value['platform']),
    conditions: conditionsOf(value['conditions']),
  };
}

/** The event `numbers` of one channel. `now`: monotonic milliseconds of this device. */
export function parseNumbers(value: unknown, now: number): Numbers | undefined {
  if (!isRecord(value) || !Array.isArray(value['channels'])) return undefined;
  const channels: readonly unknown[] = value['channels'];
  const [channel] = channels;
  if (!isRecord(channel)) return undefined;
  const sent = time(value['at']) ?? time(channel['at']);
  return {
    hls: amount(channel['hlsViewers']),
    agora: amount(channel['agoraViewers']),
    media: isRecord(channel['media']) ? mediaOf(channel['media'], sent, now) : undefined,
  };
}

/** GET /v1/channels/{id}/qoe. */
export function parseBuyers(value: unknown, now: number): BuyerFacts | undefined {
  if (!isRecord(value) || !Array.isArray(value['minutes'])) return undefined;
  const latest = latestMinute(value);
  return {
    at: now,
    connected: amount(value['connected']),
    watching: amount(value['watching']),
    sessions: amount(latest['sessions']) ?? 0,
    stalledShare: amount(latest['stalledRatio']),
    latencySeconds: amount(latest['latencyP50']),
  };
}

/** What buyers see now: the hour as a whole would hide it. A minute that has just begun has too few reports. */
function latestMinute(view: Fields): Fields {
  const to = time(view['to']);
  const minutes: readonly unknown[] = Array.isArray(view['minutes']) ? view['minutes'] : [];
  const recent = minutes.slice(-RECENT_MINUTES).filter((minute): minute is Fields => {
    const at = isRecord(minute) ? time(minute['at']) : undefined;
    return at !== undefined && to !== undefined && to - at <= RECENT_MINUTES * 60_000;
  });
  return recent.findLast((minute) => amount(minute['stalledRatio']) !== undefined) ?? recent.at(-1) ?? {};
}

/** GET /v1/channels/{id}/metrics. */
export function parseHistory(value: unknown): readonly HistoryPoint[] | undefined {
  if (!isRecord(value) || !Array.isArray(value['points'])) return undefined;
  const points: readonly unknown[] = value['points'];
  return points.slice(-MOST_POINTS).flatMap((point) => {
    const at = isRecord(point) ? time(point['at']) : undefined;
    if (!isRecord(point) || at === undefined) return [];
    return [
      {
        at,
        hls: amount(point['hlsViewers']),
        agora: amount(point['agoraViewers']),
        kbps: amount(point['bitrateKbps']),
        health: oneOf(point['health'], healths),
      },
    ];
  });
}

/** GET /v1/channels/{id}/delivery-options. */
export function parseDelivery(value: unknown): DeliveryView | undefined {
  if (!isRecord(value) || !Array.isArray(value['options'])) return undefined;
  const options: readonly unknown[] = value['options'];
  return {
    options: options.slice(0, MOST_OPTIONS).flatMap(optionOf),
    chosen: modeOf(value['chosen']),
    breakEvenViewers: amount(value['breakEvenViewers']),
  };
}

/** The event `mode`. */
export function parseMode(
  value: unknown,
): { readonly mode: EffectiveStreamMode; readonly at: number } | undefined {
  if (!isRecord(value)) return undefined;
  const [mode, at] = [modeOf(value['mode']), time(value['at'])];
  return mode === undefined || at === undefined ? undefined : { mode, at };
}

function mediaOf(media: Fields, sent: number | undefined, now: number): MediaFacts | undefined {
  const [reported, output] = [time(media['at']), oneOf(media['picture'], videoOutputs)];
  const [inKbps, frameRate] = [amount(media['inBitrateKbps']), amount(media['frameRate'])];
  if (output === undefined || inKbps === undefined || frameRate === undefined) return undefined;
  // Both times are the service's; what the message took to get here is less than a second.
  const ageMs = reported === undefined || sent === undefined ? 0 : Math.max(0, sent - reported);
  const aheadMs = number(media['avOffsetMs']);
  return {
    at: now - ageMs,
    output,
    host: isRecord(media['host'])
      ? { video: media['host']['video'] === true, audio: media['host']['audio'] === true }
      : undefined,
    inKbps,
    frameRate,
    width: amount(media['width']),
    height: amount(media['height']),
    keyframeSeconds: amount(media['keyframeIntervalSeconds']),
    soundLateMs: aheadMs === undefined ? undefined : 0 - aheadMs,
    lagMs: amount(media['lagMs']),
    lossPercent: amount(media['packetLossPercent']),
    congested: typeof media['congestion'] === 'string' && media['congestion'] !== 'full',
  };
}

function optionOf(value: unknown): readonly DeliveryOption[] {
  if (!isRecord(value)) return [];
  const [mode, delaySeconds] = [modeOf(value['mode']), amount(value['delaySeconds'])];
  if (mode === undefined || delaySeconds === undefined) return [];
  const [perThousand, perHour] = [value['usdPerThousandViewerMinutes'], value['usdPerHour']];
  return [
    { mode, delaySeconds, usdPerThousandViewerMinutes: amount(perThousand), usdPerHour: amount(perHour) },
  ];
}

function conditionsOf(value: unknown): SellerChannel['conditions'] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return Object.fromEntries(
    list.slice(0, MOST_CONDITIONS).flatMap((each): [string, ConditionFacts][] => {
      if (!isRecord(each)) return [];
      const [type, reason] = [text(each['type']), text(each['reason'])];
      const status = oneOf(each['status'], conditionStatuses);
      if (type === undefined || reason === undefined || status === undefined) return [];
      return [[type, { status, reason, since: time(each['since']) }]];
    }),
  );
}

const modeOf = (value: unknown): EffectiveStreamMode | undefined => oneOf(value, effectiveStreamModes);

function oneOf<T extends string>(value: unknown, values: readonly T[]): T | undefined {
  return values.find((each) => each === value);
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= GREATEST ? value : undefined;
}

/** A number that is not negative: some platforms report -1 for unknown. */
function amount(value: unknown): number | undefined {
  const known = number(value);
  return known !== undefined && known >= 0 ? known : undefined;
}
