import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import type { Problem } from '../../channel/state.ts';
import { streamRecords } from '../../api/annotations/stream-records.ts';
import { desiredResources } from '../../channel/desired/resources.ts';
import type { Clock } from '../../base/clock.ts';
import type { ObjectLister } from '../../cluster/multi-namespace-lister.ts';
import type { OpenPlatform } from '../../cluster/platform-directory.ts';
import { QUOTA_RESERVATION_MS, QUOTA_RETRY_MAX_MS, QUOTA_RETRY_MIN_MS } from '../timing.ts';

interface Fullness {
  readonly message: string;
  readonly waitMs: number;
  askAgainAt: number;
  /** Uid of the channel that was admitted to try. */
  asker: string | undefined;
}

/** How many streams a platform may have; undefined where nothing limits them. */
export interface Capacity {
  readonly platform: string;
  readonly maxStreams: number | undefined;
}

/** The smaller of what spec.limits.maxStreams allows and what the provider does. */
export function capacityOf({ name, resource, driver }: OpenPlatform): Capacity {
  const max = Math.min(
    resource.spec.limits.maxStreams ?? Infinity,
    driver.capabilities.maxStreams ?? Infinity,
  );
  return { platform: name, maxStreams: Number.isFinite(max) ? max : undefined };
}

/**
 * Which channel may create a stream on a platform that is full or has few places left: channels of higher priority
 * first, then older ones. While the account is full only the first in the queue tries, at intervals or when a stream
 * was deleted.
 */
export class StreamQuota {
  readonly #channels: ObjectLister<LiveChannel>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** The platform that a channel without a stream waits for. */
  readonly #homeOf: (channel: LiveChannel) => string | undefined;
  readonly #full = new Map<string, Fullness>();
  /** By platform and channel uid: reserved places that the cache does not show yet. */
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

  /** Why no stream may be created now. Undefined: admitted, and a place is reserved for the channel. */
  refusal(channel: LiveChannel, { platform, maxStreams }: Capacity): Problem | undefined {
    const full = this.#full.get(platform);
    const { uid } = channel.metadata;
    if (full === undefined && maxStreams === undefined) return undefined;
    if (this.#hasReservation(platform, uid)) return undefined;
    const line = 'Queued: channels are admitted by spec.priority, then by age.';
    // A channel with a record has a place already.
    if (maxStreams !== undefined && !isRecorded(channel, platform)) {
      const free = maxStreams - this.#streamsInUse(platform, channel);
      if (this.#rank(channel, platform, (other) => !isRecorded(other, platform)) >= free)
        return {
          reason: 'QuotaExceeded',
          message: `StreamingPlatform ${platform} has reached its limit of ${maxStreams} streams (spec.limits.maxStreams or the provider's own limit). ${line}`,
        };
    }
    if (full !== undefined) {
      const now = this.#clock.monotonic();
      const mayBeNext = (other: LiveChannel): boolean =>
        maxStreams === undefined || isRecorded(other, platform);
      if (now < full.askAgainAt || this.#rank(channel, platform, mayBeNext) > 0)
        return { reason: 'QuotaExceeded', message: `${full.message} ${line}` };
      full.asker = uid;
      full.askAgainAt = now + full.waitMs; // the others wait for the result of this one
    }
    this.#reserve(platform, uid);
    return undefined;
  }

  /** The platform refused: it accepts no more streams. */
  noteFull(platform: string, uid: string, message: string): void {
    this.#reserved.get(platform)?.delete(uid);
    const before = this.#full.get(platform);
    // Several creates may have been under way at once: their refusals are one and the same.
    if (before !== undefined && before.asker !== uid) return;
    const waitMs =
      before === undefined ? QUOTA_RETRY_MIN_MS : Math.min(before.waitMs * 2, QUOTA_RETRY_MAX_MS);
    this.#full.set(platform, {
      message,
      waitMs,
      askAgainAt: this.#clock.monotonic() + waitMs,
      asker: undefined,
    });
  }

  /** A stream was created: there was room. */
  noteAvailable(platform: string): void {
    this.#full.delete(platform);
  }

  /** A stream was deleted: the next in the queue may try at once. */
  noteFreed(platform: string): void {
    const full = this.#full.get(platform);
    if (full !== undefined) this.#full.set(platform, { ...full, waitMs: QUOTA_RETRY_MIN_MS, askAgainAt: 0 });
  }

  /** Streams that other channels have, or may have. */
  #streamsInUse(platform: string, self: LiveChannel): number {
    const taken = new Map<string, number>();
    for (const channel of this.#channels.list()) {
      const here = streamRecords(channel).filter((record) => record.platform === platform).length;
      if (here > 0) taken.set(channel.metadata.uid, here);
    }
    for (const uid of this.#reserved.get(platform)?.keys() ?? [])
      if (this.#hasReservation(platform, uid) && !taken.has(uid)) taken.set(uid, 1);
    taken.delete(self.metadata.uid);
    return [...taken.values()].reduce((sum, each) => sum + each, 0);
  }

  /** How many wait for the platform before this channel, of those that count. */
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

/** A channel that cannot have a stream for another reason must not block others. */
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
