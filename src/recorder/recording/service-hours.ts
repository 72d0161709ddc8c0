import { isDeepStrictEqual } from 'node:util';
import type { LiveChannel } from '../../api/live-channel.ts';
import type { Change } from '../../kube/reflector.ts';
import type { Clock } from '../../base/clock.ts';
import { keyText } from '../../store/channel-key-text.ts';
import type { ChannelKey, ServiceHour, Store } from '../../store/store.ts';
import type { Mutable } from '../../base/mutable.ts';
import type { Task } from '../task.ts';
import { availabilityOf, isWanted, type Availability } from './availability.ts';
import { HOUR_MS, startOfHour } from '../../base/utc-time.ts';
import { hourPieces } from './hours.ts';
import { GAP_INTERVALS, type SampledChannel } from './sampler.ts';
import { channelKey } from './take-sample.ts';

/** Hours of 10,000 channels are written in a few statements. */
const MAX_HOURS_PER_WRITE = 5_000;
/** Longer time without an operator is not counted as missing: what the channels did is unknown. */
const MAX_GAP_MS = 24 * HOUR_MS;

/** State of a channel when it was last observed. */
interface Observed {
  readonly at: Date;
  readonly state: Availability;
  /** Bitrate and viewers of the last sample; undefined: unknown. */
  readonly bitrateKbps: number | undefined;
  readonly hlsViewers: number | undefined;
  /** The platform's count of bytes delivered of the stream; undefined: it has none. */
  readonly deliveredBytes: number | undefined;
}

interface Account {
  readonly key: ChannelKey;
  last: Observed;
  readonly hours: Map<number, Mutable<ServiceHour>>;
  readonly changed: Set<number>;
}

export interface ServiceHoursOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Between two samples of a channel. */
  readonly intervalMs: number;
  readonly store: Pick<Store, 'latestServiceHours' | 'setServiceHours'>;
}

/**
 * Uptime and traffic of channels by hour. A channel is observed with each sample, and at each change of its resource, so
 * that its time on air is as exact as the watch. A row is the total of its hour, and is continued by the next leader.
 * Time in which nothing was observed, such as between two leaders, is missing: neither on air nor off air.
 */
export class ServiceHours implements Task {
  readonly name = 'service-hours';
  readonly everyMs = 60_000;
  readonly #options: ServiceHoursOptions;
  readonly #accounts = new Map<string, Account>();
  /** The newest hours that earlier leaders wrote, of channels that are not observed yet; undefined: not read yet. */
  #earlier: Map<string, ServiceHour> | undefined;
  /** First observations of this leader, until those hours have been read. */
  readonly #first = new Map<string, Observed>();

  constructor(options: ServiceHoursOptions) {
    this.#options = options;
  }

  sampled({ channel, at, seen }: SampledChannel): void {
    this.#observe(channelKey(channel), {
      at,
      state: availabilityOf(channel),
      bitrateKbps: seen.report?.outBitrateKbps,
      hlsViewers: seen.hlsViewers,
      deliveredBytes: seen.deliveredBytes,
    });
  }

  /** A channel that was never sampled is not observed: its first sample follows within an interval. */
  changed({ type, object }: Change<LiveChannel>): void {
    const key = channelKey(object);
    const last = this.#accounts.get(keyText(key))?.last;
    const state = type === 'deleted' ? 'off' : availabilityOf(object);
    if (last !== undefined && state !== last.state)
      this.#observe(key, { ...last, at: this.#options.clock.now(), state });
  }

  #observe(key: ChannelKey, now: Observed): void {
    const name = keyText(key);
    const account = this.#accounts.get(name);
    if (account === undefined) {
      const begun: Account = { key, last: now, hours: new Map(), changed: new Set() };
      this.#accounts.set(name, begun);
      this.#first.set(name, now);
      if (isWanted(now.state)) begin(begun, now.at);
      this.#continue(name);
      return;
    }
    const { last } = account;
    account.last = now;
    const elapsed = now.at.getTime() - last.at.getTime();
    if (elapsed <= 0) return; // the clock was set back
    if (elapsed <= GAP_INTERVALS * this.#options.intervalMs) addObserved(account, last, now);
    else if (isWanted(last.state) && isWanted(now.state)) addMissing(account, last.at, now.at);
  }

  /** Continues the hour that an earlier leader wrote of a channel. */
  #continue(name: string): void {
    if (this.#earlier === undefined) return;
    const account = this.#accounts.get(name);
    const first = this.#first.get(name);
    const before = this.#earlier.get(name);
    this.#first.delete(name);
    this.#earlier.delete(name);
    if (account === undefined || first === undefined || before === undefined) return;
    const hour = before.hour.getTime();
    const same = account.hours.get(hour);
    account.hours.set(hour, same === undefined ? { ...before } : sumOf(same, before));
    if (before.wantedAtEnd && isWanted(first.state)) addMissing(account, before.until, first.at);
  }

  async run(): Promise<boolean> {
    if (this.#earlier === undefined) {
      const { clock, store } = this.#options;
      const written = await store.latestServiceHours(new Date(clock.now().getTime() - MAX_GAP_MS));
      this.#earlier = new Map(written.map((hour) => [keyText(hour), hour]));
      for (const name of [...this.#first.keys()]) this.#continue(name);
    }
    return this.#write();
  }

  async #write(): Promise<boolean> {
    const due = [...this.#accounts.values()].flatMap((account) =>
      [...account.changed].flatMap((hour) => {
        const row = account.hours.get(hour);
        return row === undefined ? [] : [{ account, hour, row: rounded(row) }];
      }),
    );
    const now = due.slice(0, MAX_HOURS_PER_WRITE);
    if (now.length > 0) await this.#options.store.setServiceHours(now.map(({ row }) => row));
    for (const { account, hour, row } of now)
      // Otherwise it changed during the write.
      if (isDeepStrictEqual(rounded(account.hours.get(hour) ?? row), row)) account.changed.delete(hour);
    for (const { account } of now) this.#toEnd(account);
    this.#forget();
    return due.length > now.length;
  }

  /** Those that change all the time must not keep later ones from being written. */
  #toEnd(account: Account): void {
    const name = keyText(account.key);
    if (!this.#accounts.delete(name)) return;
    this.#accounts.set(name, account);
  }

  /** Discards past hours that have been written, and channels that are gone. */
  #forget(): void {
    const now = this.#options.clock.now();
    const oldest = startOfHour(now).getTime();
    for (const [name, { hours, changed, last }] of this.#accounts) {
      for (const hour of hours.keys()) if (hour < oldest && !changed.has(hour)) hours.delete(hour);
      if (hours.size === 0 && now.getTime() - last.at.getTime() > HOUR_MS) this.#accounts.delete(name);
    }
  }
}

function hourOf(account: Account, hour: Date, at: Date): Mutable<ServiceHour> {
  const known = account.hours.get(hour.getTime());
  if (known !== undefined) return known;
  const row: Mutable<ServiceHour> = {
    ...account.key,
    hour,
    wantedSeconds: 0,
    onAirSeconds: 0,
    waitingSeconds: 0,
    missingSeconds: 0,
    ingestBytes: 0,
    measuredBytes: 0,
    estimatedBytes: 0,
    until: at,
    wantedAtEnd: false,
  };
  account.hours.set(hour.getTime(), row);
  return row;
}

/** Notes that the channel should be on air, so that the next leader knows it even if nothing more is observed. */
function begin(account: Account, at: Date): void {
  const hour = startOfHour(at);
  hourOf(account, hour, at).wantedAtEnd = true;
  account.changed.add(hour.getTime());
}

/** Adds the time between two observations, in the state of the first, and the traffic in it. */
function addObserved(account: Account, last: Observed, now: Observed): void {
  const whole = now.at.getTime() - last.at.getTime();
  const { ingest, measured, estimated } = trafficOf(last, now);
  if (last.state === 'off' && now.state === 'off' && measured === 0) return;
  for (const { hour, from, to } of hourPieces(last.at, now.at)) {
    const end = new Date(last.at.getTime() + to);
    const row = hourOf(account, hour, end);
    const seconds = (to - from) / 1_000;
    const share = (to - from) / whole;
    if (isWanted(last.state)) row.wantedSeconds += seconds;
    if (last.state === 'on-air') row.onAirSeconds += seconds;
    if (last.state === 'waiting') row.waitingSeconds += seconds;
    row.ingestBytes += ingest * share;
    row.measuredBytes += measured * share;
    row.estimatedBytes += estimated * share;
    row.until = end;
    row.wantedAtEnd = isWanted(now.state);
    account.changed.add(hour.getTime());
  }
}

/** Bytes between two observations: what the relay sent, and what viewers received, measured or viewers times bitrate. */
function trafficOf(last: Observed, now: Observed): { ingest: number; measured: number; estimated: number } {
  const seconds = (now.at.getTime() - last.at.getTime()) / 1_000;
  const sent =
    last.state === 'on-air' ? ((now.bitrateKbps ?? last.bitrateKbps ?? 0) * 1_000 * seconds) / 8 : 0;
  if (now.deliveredBytes === undefined)
    return { ingest: sent, measured: 0, estimated: sent * (now.hlsViewers ?? last.hlsViewers ?? 0) };
  // A counter that is lower than before began again at 0.
  const before = last.deliveredBytes ?? now.deliveredBytes;
  const measured = now.deliveredBytes >= before ? now.deliveredBytes - before : now.deliveredBytes;
  return { ingest: sent, measured, estimated: 0 };
}

/** Adds time that was not observed, in which the channel should have been on air. */
function addMissing(account: Account, from: Date, to: Date): void {
  for (const piece of hourPieces(from, to)) {
    const end = new Date(from.getTime() + piece.to);
    const row = hourOf(account, piece.hour, end);
    row.missingSeconds += (piece.to - piece.from) / 1_000;
    if (row.until < end) row.until = end;
    row.wantedAtEnd = true;
    account.changed.add(piece.hour.getTime());
  }
}

/** The same hour, of this leader and of an earlier one. */
function sumOf(mine: ServiceHour, before: ServiceHour): Mutable<ServiceHour> {
  return {
    ...mine,
    wantedSeconds: mine.wantedSeconds + before.wantedSeconds,
    onAirSeconds: mine.onAirSeconds + before.onAirSeconds,
    waitingSeconds: mine.waitingSeconds + before.waitingSeconds,
    missingSeconds: mine.missingSeconds + before.missingSeconds,
    ingestBytes: mine.ingestBytes + before.ingestBytes,
    measuredBytes: mine.measuredBytes + before.measuredBytes,
    estimatedBytes: mine.estimatedBytes + before.estimatedBytes,
  };
}

/** As it is stored: in whole bytes. */
function rounded(row: ServiceHour): ServiceHour {
  return {
    ...row,
    ingestBytes: Math.round(row.ingestBytes),
    measuredBytes: Math.round(row.measuredBytes),
    estimatedBytes: Math.round(row.estimatedBytes),
  };
}
