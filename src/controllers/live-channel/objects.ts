import type { LiveChannel } from '../../api/live-channel.ts';
import type { Reason } from '../../api/reasons.ts';
import { streamRecords, type Slot } from '../../api/stream-records.ts';
import { relayPodName, relaySecretName } from '../../channel/pod/relay-pod.ts';
import type { Clock } from '../../base/clock.ts';
import type { Pod, Secret } from '../../kube/core-types.ts';
import { isControlledBy } from '../../kube/owners.ts';
import { keyOf, type ObjectRef } from '../../kube/resource.ts';
import type { ObjectLister } from '../../cluster/multi-namespace-lister.ts';
import { MutationCache } from '../cluster/mutation-cache.ts';

/** Reads channels and their children from the caches, corrected by this process's own writes. */
export class ChannelObjects {
  readonly #stores: {
    channels: ObjectLister<LiveChannel>;
    pods: ObjectLister<Pod>;
    secrets: ObjectLister<Secret>;
  };
  readonly #channels: MutationCache<LiveChannel>;
  readonly #pods: MutationCache<Pod>;
  readonly #secrets: MutationCache<Secret>;
  /** By channel uid: the pod that this process replaced last, and why. */
  readonly #replacements = new Map<string, { readonly podUid: string; readonly reason: Reason }>();
  /** By uid: channels that were deleted with recorded streams. A released channel has none. */
  readonly #removed = new Map<string, LiveChannel>();

  constructor(
    stores: { channels: ObjectLister<LiveChannel>; pods: ObjectLister<Pod>; secrets: ObjectLister<Secret> },
    clock: Pick<Clock, 'monotonic'>,
  ) {
    this.#stores = stores;
    this.#channels = new MutationCache(clock);
    this.#pods = new MutationCache(clock);
    this.#secrets = new MutationCache(clock);
  }

  channel(ref: ObjectRef): LiveChannel | undefined {
    const cached = this.#stores.channels.get(ref);
    return cached === undefined ? undefined : this.#channels.of(keyOf(ref), cached);
  }

  /** The slot's pod. A pod of an earlier channel of the same name is ignored. */
  pod(channel: LiveChannel, slot: Slot): Pod | undefined {
    const ref = childRef(channel, relayPodName(channel.metadata.name, slot));
    const pod = this.#pods.of(keyOf(ref), this.#stores.pods.get(ref));
    return pod !== undefined && isControlledBy(pod, channel) ? pod : undefined;
  }

  /** The slot's Secret. A Secret of an earlier channel of the same name is ignored. */
  secret(channel: LiveChannel, slot: Slot): Secret | undefined {
    const ref = childRef(channel, relaySecretName(channel.metadata.name, slot));
    const secret = this.#secrets.of(keyOf(ref), this.#stores.secrets.get(ref));
    return secret !== undefined && isControlledBy(secret, channel) ? secret : undefined;
  }

  /** Remembers the response of a write until the cache shows it. */
  rememberChannel(channel: LiveChannel): void {
    this.#channels.remember(channel);
  }
  rememberPod(pod: Pod): void {
    this.#pods.remember(pod);
  }
  rememberSecret(secret: Secret): void {
    this.#secrets.remember(secret);
  }

  /** This process deleted the object. */
  podGone(channel: LiveChannel, slot: Slot, uid: string): void {
    this.#pods.gone(keyOf(childRef(channel, relayPodName(channel.metadata.name, slot))), uid);
  }
  secretGone(channel: LiveChannel, slot: Slot): void {
    const ref = childRef(channel, relaySecretName(channel.metadata.name, slot));
    const uid = this.secret(channel, slot)?.metadata.uid;
    if (uid !== undefined) this.#secrets.gone(keyOf(ref), uid);
  }

  /** A cache observed the deletion of the object: what was remembered of it is dropped. */
  podDeleted({ metadata }: Pod): void {
    this.#pods.gone(keyOf(metadata), metadata.uid);
  }
  secretDeleted({ metadata }: Secret): void {
    this.#secrets.gone(keyOf(metadata), metadata.uid);
  }
  channelDeleted(channel: LiveChannel): void {
    const { uid } = channel.metadata;
    const key = keyOf(channel.metadata);
    const last = this.#channels.of(key, channel) ?? channel;
    if (last.metadata.uid === uid && streamRecords(last).length > 0) this.#removed.set(uid, last);
    this.#channels.gone(key, uid);
    this.#replacements.delete(uid);
  }

  /** Deleted channels of this name whose finalizer was not handled: their streams are left. */
  removedWithoutFinalizer(ref: ObjectRef): readonly LiveChannel[] {
    return [...this.#removed.values()].filter(({ metadata }) => keyOf(metadata) === keyOf(ref));
  }
  /** Everything that the channel left has been deleted. */
  collected(channel: LiveChannel): void {
    this.#removed.delete(channel.metadata.uid);
  }

  /** Records why this process replaces the pod. */
  noteReplacement(channel: LiveChannel, podUid: string, reason: Reason): void {
    this.#replacements.set(channel.metadata.uid, { podUid, reason });
  }
  /** Why the pod whose restarts were counted last is gone: `PodDeleted` unless this process replaced it. */
  replacementReason(channel: LiveChannel): Reason {
    const noted = this.#replacements.get(channel.metadata.uid);
    const counted = channel.status?.relay?.observedPodUid;
    return noted !== undefined && noted.podUid === counted ? noted.reason : 'PodDeleted';
  }
}

function childRef(channel: LiveChannel, name: string): { namespace: string; name: string } {
  return { namespace: channel.metadata.namespace ?? '', name };
}
