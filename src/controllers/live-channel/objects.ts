import type { LiveChannel } from '../../api/live-channel.ts';
import type { Reason } from '../../api/reasons.ts';
import { relayPodName, relaySecretName } from '../../channel/relay-pod.ts';
import type { Pod, Secret } from '../../kube/core-types.ts';
import { isControlledBy } from '../../kube/owners.ts';
import { keyOf, type ObjectRef } from '../../kube/resource.ts';
import type { Objects } from '../combined.ts';
import { Newest } from '../newest.ts';

/** A channel and its children, as the caches and this process's own writes have them. */
export class ChannelObjects {
  readonly #stores: { channels: Objects<LiveChannel>; pods: Objects<Pod>; secrets: Objects<Secret> };
  readonly #channels = new Newest<LiveChannel>();
  readonly #pods = new Newest<Pod>();
  readonly #secrets = new Newest<Secret>();
  /** Why this process deleted the pod that the next one replaces, by channel uid. */
  readonly #replacements = new Map<string, Reason>();

  constructor(stores: { channels: Objects<LiveChannel>; pods: Objects<Pod>; secrets: Objects<Secret> }) {
    this.#stores = stores;
  }

  channel(ref: ObjectRef): LiveChannel | undefined {
    const cached = this.#stores.channels.get(ref);
    return cached === undefined ? undefined : this.#channels.of(keyOf(ref), cached);
  }

  /** The pod, unless it belongs to an earlier channel of the same name. */
  pod(channel: LiveChannel): Pod | undefined {
    const ref = childRef(channel, relayPodName(channel.metadata.name, 0));
    const pod = this.#pods.of(keyOf(ref), this.#stores.pods.get(ref));
    return pod !== undefined && isControlledBy(pod, channel) ? pod : undefined;
  }

  secret(channel: LiveChannel): Secret | undefined {
    const ref = childRef(channel, relaySecretName(channel.metadata.name));
    const secret = this.#secrets.of(keyOf(ref), this.#stores.secrets.get(ref));
    return secret !== undefined && isControlledBy(secret, channel) ? secret : undefined;
  }

  rememberChannel(channel: LiveChannel): void {
    this.#channels.remember(channel);
  }
  rememberPod(pod: Pod): void {
    this.#pods.remember(pod);
  }
  rememberSecret(secret: Secret): void {
    this.#secrets.remember(secret);
  }

  podGone(channel: LiveChannel, uid: string): void {
    this.#pods.gone(keyOf(childRef(channel, relayPodName(channel.metadata.name, 0))), uid);
  }
  secretGone(channel: LiveChannel): void {
    const ref = childRef(channel, relaySecretName(channel.metadata.name));
    const uid = this.secret(channel)?.metadata.uid;
    if (uid !== undefined) this.#secrets.gone(keyOf(ref), uid);
  }

  /** The caches saw an object go: what was remembered of it is void. */
  deleted(object: LiveChannel | Pod | Secret): void {
    const { uid } = object.metadata;
    const key = keyOf(object.metadata);
    const remembered =
      object.kind === 'Pod' ? this.#pods : object.kind === 'Secret' ? this.#secrets : this.#channels;
    remembered.deleted(key, uid);
    if (object.kind === 'LiveChannel') this.#replacements.delete(uid);
  }

  noteReplacement(channel: LiveChannel, reason: Reason): void {
    this.#replacements.set(channel.metadata.uid, reason);
  }
  /** A pod that nobody here deleted was deleted by somebody else. */
  replacementReason(channel: LiveChannel): Reason {
    return this.#replacements.get(channel.metadata.uid) ?? 'PodDeleted';
  }
  /** The successor has been counted: the reason is used up. */
  replacementCounted(channel: LiveChannel): void {
    this.#replacements.delete(channel.metadata.uid);
  }
}

function childRef(channel: LiveChannel, name: string): { namespace: string; name: string } {
  return { namespace: channel.metadata.namespace ?? '', name };
}
