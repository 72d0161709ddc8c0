import { isRelayUid, relayUid } from '../../api/agora-uids.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import type { Clock } from '../../base/clock.ts';
import { agoraChannelName } from '../../channel/desired/agora-channel.ts';
import { MEMBER_VALID_MS } from '../../store/agora-members.ts';
import type { AgoraAudience, AgoraChannelKey, Store } from '../../store/store.ts';
import type { Task } from '../task.ts';

/** After this time without any notification of a project, notifications are considered to have stopped. */
const PROJECT_SILENT_MS = 3_600_000;
/** Numbers that were read longer ago are ignored: the database is unavailable. */
const READ_VALID_MS = 60_000;

const nameOf = ({ namespace, project, agoraChannel }: AgoraChannelKey): string =>
  `${namespace}/${project}/${agoraChannel}`;

/** Viewers on Agora, counted from Agora's notifications, read from the database for all channels at once. */
export class NotifiedAudience implements Task {
  readonly name = 'notified-audience';
  readonly everyMs: number;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #store: Pick<Store, 'agoraAudience'>;
  readonly #channels: () => readonly LiveChannel[];
  #readAt = -Infinity;
  #audiences: ReadonlyMap<string, AgoraAudience> = new Map();

  constructor(parts: {
    readonly clock: Pick<Clock, 'now'>;
    readonly store: Pick<Store, 'agoraAudience'>;
    readonly channels: () => readonly LiveChannel[];
    readonly everyMs: number;
  }) {
    this.#clock = parts.clock;
    this.#store = parts.store;
    this.#channels = parts.channels;
    this.everyMs = parts.everyMs;
  }

  async run(): Promise<boolean> {
    const now = this.#clock.now().getTime();
    // The token of an app may name a uid that viewers could have, too.
    const relays = this.#channels().flatMap((channel) => {
      const uid = channel.status?.relay?.agoraUid;
      return uid === undefined || isRelayUid(uid) ? [] : [{ ...agoraChannelOf(channel), uid }];
    });
    const audiences = await this.#store.agoraAudience(new Date(now - MEMBER_VALID_MS), relays);
    this.#audiences = new Map(audiences.map((each) => [nameOf(each), each]));
    this.#readAt = now;
    return false;
  }

  /** Number of viewers on Agora; undefined: unknown. */
  of(channel: LiveChannel, now: Date): number | undefined {
    if (now.getTime() - this.#readAt > READ_VALID_MS) return undefined;
    const audience = this.#audiences.get(nameOf(agoraChannelOf(channel)));
    return audience === undefined ? undefined : viewersOf(channel, audience, now);
  }
}

function agoraChannelOf(channel: LiveChannel): AgoraChannelKey {
  const { metadata, spec } = channel;
  return {
    namespace: metadata.namespace ?? '',
    project: spec.agora.credentialsRef.name,
    agoraChannel: agoraChannelName(channel),
  };
}

/**
 * The number counts as known while notifications arrive: some notification of the project within an hour and, while the
 * relay is on air, the one about the relay itself, which joins as any viewer does. An Agora channel without members is
 * unknown: there is nothing to sample.
 */
function viewersOf(
  { metadata, status }: LiveChannel,
  { viewers, hostUids, relayUids, projectHeardAt }: AgoraAudience,
  now: Date,
): number | undefined {
  if (now.getTime() - projectHeardAt.getTime() > PROJECT_SILENT_MS) return undefined;
  if (viewers + hostUids.length + relayUids.length === 0) return undefined;
  const own = [status?.relay?.agoraUid, ...[0, 1].map((slot) => relayUid(metadata.uid, slot))];
  const isRelayKnown = relayUids.some((uid) => own.includes(uid));
  return status?.relayStatus !== 'active' || isRelayKnown ? viewers : undefined;
}
