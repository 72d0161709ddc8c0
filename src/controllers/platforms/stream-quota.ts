import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import type { Problem } from '../../channel/state.ts';
import { streamRecords, usesPlatform } from '../../api/stream-records.ts';
import { desiredResources } from '../../channel/desired/resources.ts';
import type { Clock } from '../../base/clock.ts';
import type { ObjectLister } from '../../cluster/multi-namespace-lister.ts';
import type { OpenPlatform } from '../../cluster/platform-directory.ts';
import { QUOTA_RESERVATION_MS, QUOTA_RETRY_MAX_MS, QUOTA_RETRY_MIN_MS } from '../timing.ts';

/** A platform that refused a create because it is full. */
interface FullPlatform {
  readonly message: string;
  readonly waitMs: number;
  /** When the next create may be tried, in monotonic milliseconds. */
  retryAt: number;
  /** Uid of the channel that was admitted to try. */
  triedBy: string | undefined;
}

/** How many streams a platform may have; undefined without a limit. */
export interface Capacity {
  readonly platform: string;
  readonly maxStreams: number | undefined;
}

/** The capacity of the platform: the smaller one of spec.limits.maxStreams and the provider's own limit. */
export function capacityOf({ name, resource, driver }: OpenPlatform): Capacity {
  const max = Math.min(
    resource.spec.limits.maxStreams ?? Infinity,
    driver.capabilities.maxStreams ?? Infinity,
  );
  return { platform: name, maxStreams: Number.isFinite(max) ? max : undefined };
}

/**
 * Decides which channels may create a stream on a platform that is full or has few places left: channels of higher
 * priority first, then older ones. While the account is full, only the first channel in the queue tries, at intervals
 * and after a stream was deleted.
 */
export class StreamQuota {
  readonly #channels: ObjectLister<LiveChannel>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** The platform for which a channel without a stream is queued. */
  readonly #homeOf: (channel: LiveChannel) => string | undefined;
  readonly #full = new Map<string, FullPlatform>();
  /** By platform and channel uid: when a place was reserved for a channel whose record the cache may not show yet. */
  readonly #reserved = new Map<string, Map<string, number>>();

  constructor(
    channels: ObjectLister<LiveChannel>,
    clock: Pick<Clock, 'monotonic'>,
    homeOf: (channel: LiveChannel) => string | undefined,
  ) {
    this.#channels = channels;
    this.#clock = clock;
    this.#homeOf = homeOf;
  }

  /** Why the channel may not create a stream now. Undefined: it may, and a place is reserved for it. */
  refusal(channel: LiveChannel, { platform, maxStreams }: Capacity): Problem | undefined {
    const full = this.#full.get(platform);
    const { uid } = channel.metadata;
    if (full === undefined && maxStreams === undefined) return undefined;
    if (this.#hasReservation(platform, uid)) return undefined;
    const queueNote = 'Queued: channels are admitted by spec.priority, then by age.';
    // A channel with a record already has a place.
    if (maxStreams !== undefined && !isRecorded(channel, platform)) {
      const free = maxStreams - this.#streamsInUse(platform, channel);
      if (this.#rank(channel, platform, (other) => !isRecorded(other, platform)) >= free)
        return {
          reason: 'QuotaExceeded',
          message: `StreamingPlatform ${platform} has reached its limit of ${maxStreams} streams (spec.limits.maxStreams or the provider's own limit). ${queueNote}`,
        };
    }
    if (full !== undefined) {
      const now = this.#clock.monotonic();
      const mayBeNext = (other: LiveChannel): boolean =>
        maxStreams === undefined || isRecorded(other, platform);
      if (now < full.retryAt || this.#rank(channel, platform, mayBeNext) > 0)
        return { reason: 'QuotaExceeded', message: `${full.message} ${queueNote}` };
      full.triedBy = uid;
      full.retryAt = now + full.waitMs; // other channels wait for the result of this attempt
    }
    this.#reserve(platform, uid);
    return undefined;
  }

  /** The platform rejected a create because it is full. */
  noteFull(platform: string, uid: string, message: string): void {
    this.#reserved.get(platform)?.delete(uid);
    const before = this.#full.get(platform);
    // Concurrent creates may have been rejected for the same reason: they count once.
    if (before !== undefined && before.triedBy !== uid) return;
    const waitMs =
      before === undefined ? QUOTA_RETRY_MIN_MS : Math.min(before.waitMs * 2, QUOTA_RETRY_MAX_MS);
    this.#full.set(platform, {
      message,
      waitMs,
      retryAt: this.#clock.monotonic() + waitMs,
      triedBy: undefined,
    });
  }

  /** A stream was created, so that the platform is not full. */
  noteAvailable(platform: string): void {
    this.#full.delete(platform);
  }

  /** A stream was deleted: the next channel in the queue may try at once. */
  noteFreed(platform: string): void {
    const full = this.#full.get(platform);
    if (full !== undefined) this.#full.set(platform, { ...full, waitMs: QUOTA_RETRY_MIN_MS, retryAt: 0 });
  }

  /** Number of streams that other channels have, or for which they have a reservation. */
  #streamsInUse(platform: string, self: LiveChannel): number {
    const inUse = new Map<string, number>();
    for (const channel of this.#channels.list()) {
      const here = streamRecords(channel).filter((record) => record.platform === platform).length;
      const known = here === 0 && usesPlatform(channel, platform) ? 1 : here;
      if (known > 0) inUse.set(channel.metadata.uid, known);
    }
    for (const uid of this.#reserved.get(platform)?.keys() ?? [])
      if (this.#hasReservation(platform, uid) && !inUse.has(uid)) inUse.set(uid, 1);
    inUse.delete(self.metadata.uid);
    return [...inUse.values()].reduce((sum, each) => sum + each, 0);
  }

  /** How many of the channels that count precede this channel in the queue of the platform. */
  #rank(self: LiveChannel, platform: string, counts: (other: LiveChannel) => boolean): number {
    return this.#channels
      .list()
      .filter(
        (channel) =>
          channel.metadata.uid !== self.metadata.uid &&
          channel.metadata.deletionTimestamp === undefined &&
          desiredResources(channel).stream &&
          !this.#hasReservation(platform, channel.metadata.uid) &&
          waitsFor(channel, platform, this.#homeOf) &&
          canUse(channel) &&
          counts(channel) &&
          before(channel, self),
      ).length;
  }

  #hasReservation(platform: string, uid: string): boolean {
    const at = this.#reserved.get(platform)?.get(uid);
    return at !== undefined && this.#clock.monotonic() - at < QUOTA_RESERVATION_MS;
  }

  #reserve(platform: string, uid: string): void {
    const places = this.#reserved.get(platform) ?? new Map<string, number>();
    const now = this.#clock.monotonic();
    for (const [other, at] of places) if (now - at >= QUOTA_RESERVATION_MS) places.delete(other);
    places.set(uid, now);
    this.#reserved.set(platform, places);
  }
}

function isRecorded(channel: LiveChannel, platform: string): boolean {
  return streamRecords(channel).some((record) => record.platform === platform && record.role !== 'draining');
}

/** A channel that cannot have a stream for another reason does not block the queue. */
function canUse({ status }: LiveChannel): boolean {
  const reason = findCondition(status?.conditions, 'StreamReady')?.reason;
  return !['CredentialsNotFound', 'CredentialsRejected', 'InvalidConfiguration'].some(
    (each) => each === reason,
  );
}

function waitsFor(
  channel: LiveChannel,
  platform: string,
  homeOf: (channel: LiveChannel) => string | undefined,
): boolean {
  const here = streamRecords(channel).filter((record) => record.platform === platform);
  return here.length === 0
    ? homeOf(channel) === platform
    : here.some(({ role, id }) => role !== 'draining' && id === undefined);
}

function before(a: LiveChannel, b: LiveChannel): boolean {
  if (a.spec.priority !== b.spec.priority) return a.spec.priority > b.spec.priority;
  const [bornA = '', bornB = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  return bornA === bornB ? a.metadata.uid < b.metadata.uid : bornA < bornB;
}
