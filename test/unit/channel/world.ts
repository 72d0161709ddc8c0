import type { LiveChannel } from '../../../src/api/live-channel.ts';
import { STREAM_FINALIZER } from '../../../src/api/names.ts';
import { tokenFor } from '../../../src/channel/agora-token.ts';
import { describeChannel } from '../../../src/channel/describe.ts';
import type { Digests, Step } from '../../../src/channel/next-step.ts';
import {
  found,
  missing,
  type CredentialsFacts,
  type Observed,
  type RelayPodFacts,
  type RelaySecretFacts,
} from '../../../src/channel/observed.ts';
import { streamRecord, streamRecordAnnotations, type StreamRecord } from '../../../src/channel/ownership.ts';
import { agoraSubject, relayConfig } from '../../../src/channel/relay-config.ts';
import { relayPod } from '../../../src/channel/relay-pod.ts';
import { aChannel, aPlatform, aPod, credentials, now } from './examples.ts';

/**
 * A cluster and two platforms small enough to hold in mind: what each step does to them, and what may happen between
 * two steps. It throws where a step breaks a rule that must hold whatever happens.
 */
export class World {
  channel: LiveChannel = aChannel({ record: undefined, finalizers: [] });
  exists = true;
  pod: RelayPodFacts | undefined;
  secret: RelaySecretFacts | undefined;
  credentials: CredentialsFacts | undefined = credentials;
  /** Streams of the channel by platform, each with its id. */
  readonly streams: Record<PlatformName, string | undefined> = { origin: undefined, other: undefined };
  readonly answering: Record<PlatformName, boolean> = { origin: true, other: true };
  time = now;
  #made = 0;

  observe(): Observed {
    const name = this.#platformAsked();
    const stream = this.secret === undefined ? undefined : this.streams[platformName(this.secret.platform)];
    return {
      channel: this.channel,
      platform: found({ ...aPlatform, name }),
      credentials:
        this.credentials === undefined
          ? missing('CredentialsNotFound', 'no Secret')
          : found(this.credentials),
      secret: this.secret,
      pod: this.pod,
      report: undefined,
      stream:
        this.secret === undefined || !this.answering[name] || this.secret.platform !== name
          ? 'unknown'
          : stream === this.secret.streamId
            ? 'exists'
            : 'gone',
      failure: undefined,
    };
  }

  digests(): Digests {
    if (this.credentials === undefined) return { config: '', pod: '' };
    const platform = { ...aPlatform, name: this.#platformAsked() };
    const config = JSON.stringify(relayConfig(this.channel, 0, this.credentials.appId, platform, false));
    const relay = { image: 'relay', pullPolicy: 'Never', pullSecrets: [] } as const;
    return { config, pod: config + JSON.stringify(relayPod(this.channel, 0, relay)) };
  }

  /** Does what the step says; false when it could not, as when a platform does not answer. */
  take(step: Step): boolean {
    switch (step.do) {
      case 'rest':
        return true;
      case 'record':
        must(this.channel.metadata.deletionTimestamp === undefined, 'no finalizer is put on what is going');
        this.#record([STREAM_FINALIZER], step.record);
        return true;
      case 'ensure-stream':
        return this.#ensureStream();
      case 'refresh-secret':
        must(this.secret !== undefined, 'only a Secret that is there is refreshed');
        this.#writeSecret();
        return true;
      case 'create-pod':
        must(this.secret !== undefined, 'no pod without its Secret');
        must(this.pod === undefined, 'no second pod');
        this.pod = aPod({
          uid: this.#name('pod'),
          phase: 'Pending',
          running: false,
          ready: false,
          specDigest: this.digests().pod,
          secretRevision: this.secret?.revision ?? '',
        });
        return true;
      case 'delete-pod':
        must(this.pod?.deleting === false, 'only a pod that is there is deleted, once');
        if (this.pod !== undefined) this.pod = { ...this.pod, deleting: true };
        return true;
      case 'announce-secret':
        must(this.pod !== undefined && this.secret !== undefined, 'both are there');
        if (this.pod !== undefined) this.pod = { ...this.pod, secretRevision: this.secret?.revision ?? '' };
        return true;
      case 'delete-secret':
        must(this.pod === undefined, 'a relay keeps its Secret until it is gone');
        this.secret = undefined;
        return true;
      case 'delete-stream':
        return this.#deleteStream(step.record);
      case 'release':
        must(this.pod === undefined && this.secret === undefined, 'nothing is left behind');
        must(step.retained || this.#streamsLeft() === 0, 'no stream is left behind');
        this.#record([], streamRecord(this.channel));
        this.exists = false;
        return true;
    }
  }

  /** The status is written, as after every reconcile. */
  describe(): void {
    const status = describeChannel(this.observe(), 'PodDeleted', this.time);
    this.channel = { ...this.channel, status };
  }

  /** The user asks for something else. */
  change(spec: Partial<LiveChannel['spec']>): void {
    const { metadata } = this.channel;
    const generation = (metadata.generation ?? 0) + 1;
    this.channel = {
      ...this.channel,
      metadata: { ...metadata, generation },
      spec: { ...this.channel.spec, ...spec },
    };
  }

  delete(): void {
    if ((this.channel.metadata.finalizers ?? []).length === 0) {
      [this.exists, this.pod, this.secret] = [false, undefined, undefined]; // owned objects go with their owner
      return;
    }
    const metadata = { ...this.channel.metadata, deletionTimestamp: '2026-03-01T12:00:00Z' };
    this.channel = { ...this.channel, metadata };
  }

  /** Something happens to the pod, if there is one that is not going already. */
  changePod(difference: Partial<RelayPodFacts>): void {
    if (this.pod?.deleting === false) this.pod = { ...this.pod, ...difference };
  }

  /** What the kubelet does: pods that are going are gone, others run. */
  kubelet(): void {
    if (this.pod?.deleting === true) this.pod = undefined;
    else if (this.pod?.phase === 'Pending')
      this.pod = { ...this.pod, phase: 'Running', running: true, ready: true };
  }

  streamCount(): number {
    return this.#streamsLeft();
  }

  #platformAsked(): PlatformName {
    return platformName(this.channel.spec.platformRef?.name ?? 'origin');
  }

  #streamsLeft(): number {
    return Object.values(this.streams).filter((each) => each !== undefined).length;
  }

  #record(finalizers: string[], record: StreamRecord | undefined): void {
    const metadata = { ...this.channel.metadata, finalizers, annotations: streamRecordAnnotations(record) };
    this.channel = { ...this.channel, metadata };
  }

  #ensureStream(): boolean {
    const name = this.#platformAsked();
    const record = streamRecord(this.channel);
    must(record?.platform === name, 'no stream before its platform is recorded');
    must(this.channel.metadata.finalizers?.includes(STREAM_FINALIZER) === true, 'nor before the finalizer');
    if (!this.answering[name]) return false;
    this.streams[name] ??= this.#name('stream'); // the same owner always gets the same one
    this.#writeSecret();
    return true;
  }

  #deleteStream({ platform, streamId }: StreamRecord): boolean {
    const name = platformName(platform);
    must(this.pod === undefined, 'no stream is deleted under its relay');
    if (!this.answering[name]) return false;
    // The id, or, when it was never learned, the name.
    if (streamId === undefined || this.streams[name] === streamId) this.streams[name] = undefined;
    this.#record([STREAM_FINALIZER], undefined);
    return true;
  }

  #writeSecret(): void {
    const name = this.#platformAsked();
    if (this.credentials === undefined) throw new Error('no Secret is written without credentials');
    this.secret = {
      streamId: this.streams[name] ?? this.secret?.streamId ?? '',
      streamKeyId: 'key',
      platform: name,
      playbackUrl: 'https://play.example/',
      tokenFor: tokenFor(this.credentials, agoraSubject(this.channel, 0)),
      tokenIssuedAt: this.time,
      tokenExpiresAt: new Date(this.time.getTime() + 7_200_000),
      configDigest: this.digests().config,
      revision: this.#name('revision'),
    };
  }

  #name(kind: string): string {
    this.#made += 1;
    return `${kind}-${String(this.#made)}`;
  }
}

export type PlatformName = 'origin' | 'other';
function platformName(name: string): PlatformName {
  if (name !== 'origin' && name !== 'other') throw new Error(`no platform ${name}`);
  return name;
}

function must(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`broken rule: ${rule}`);
}
