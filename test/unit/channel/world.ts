import type { LiveChannel } from '../../../src/api/live-channel.ts';
import { STREAM_FINALIZER } from '../../../src/api/names.ts';
import type { RelayReport } from '../../../src/api/relay-contract.ts';
import { tokenFor } from '../../../src/channel/pod/agora-token.ts';
import { offForCosts } from '../../../src/channel/desired/stream-mode.ts';
import { budgetAction, budgetPlatform } from '../../../src/channel/desired/budget.ts';
import { describeChannel } from '../../../src/channel/status/status.ts';
import { nextStep, type Step } from '../../../src/channel/plan/next-step.ts';
import {
  found,
  missing,
  type CredentialsFacts,
  type Failure,
  type Found,
  type StreamState,
  type UnownedChildren,
  type Observed,
  type PlatformFacts,
  type RelayPodFacts,
  type RelaySecretFacts,
  type Standby,
  type DesiredStream,
} from '../../../src/channel/state.ts';
import { recoveredRecords } from '../../../src/channel/plan/recovered-records.ts';
import {
  forgotten,
  memoryOf,
  otherSlot,
  sameStream,
  slotsOf,
  streamRecords,
  type Slot,
  type ProvisionedRecord,
  type StreamRecord,
} from '../../../src/api/stream-records.ts';
import { agoraSubject } from '../../../src/channel/pod/relay-config.ts';
import { homePlatform, shouldUseFallback } from '../../../src/channel/desired/platform.ts';
import { desiredResources } from '../../../src/channel/desired/resources.ts';
import { PendingCreates } from '../../../src/controllers/platforms/pending-creates.ts';
import {
  SimulatedCloud,
  CloudFailure,
  Crash,
  type CloudStream,
} from '../../support/platforms/simulated-cloud.ts';
import {
  aChannel,
  aPlatform,
  aPod,
  aReport,
  credentials,
  ingestDigestOf,
  now,
  policy,
  provisioned,
  waitingForHost,
} from '../../support/channel/channel-examples.ts';

/** An upper bound of the steps of one reconcile. The reconciler gives up beyond it. */
const mostSteps = 30;
const slots = [0, 1] as const;

/** A relay pod, and the key and stream that it read last. */
interface Relay {
  /** Joined and ready, but not pushing. */
  readonly standby: boolean;
  /** Answers no request, accepts no command, and keeps its behavior. */
  readonly hangs: boolean;
  readonly facts: RelayPodFacts;
  readonly pushesTo: { readonly platform: string; readonly id: string; readonly key: string };
}
interface SlotSecret {
  readonly standby: boolean;
  readonly facts: RelaySecretFacts;
  readonly pushesTo: Relay['pushesTo'];
}
type Deferred = NonNullable<StreamState['deferred']>;

/**
 * A small model of a cluster and three platforms: the effect of each step, and the events that may happen between two
 * steps. It throws when a step breaks an invariant.
 */
export class World {
  channel: LiveChannel = aChannel({ records: [], finalizers: [] });
  exists = true;
  credentials: CredentialsFacts | undefined = credentials;
  hostIsThere = true;
  readonly pods: [Relay | undefined, Relay | undefined] = [undefined, undefined];
  readonly secrets: [SlotSecret | undefined, SlotSecret | undefined] = [undefined, undefined];
  /** Like the origin, Amazon IVS and Cloudflare, in idempotency of creates and in the delay of lists. */
  readonly clouds = {
    origin: new SimulatedCloud('origin', { idempotent: true, settleSeconds: 0 }, () => this.time.getTime()),
    other: new SimulatedCloud('other', { idempotent: false, settleSeconds: 10 }, () => this.time.getTime()),
    away: new SimulatedCloud('away', { idempotent: true, settleSeconds: 5 }, () => this.time.getTime()),
  };
  time = now;
  /** The operator crashes after this number of further effects. */
  fuse = Infinity;
  #made = 0;
  /** Since when the status has sent viewers to Agora, Unix time in ms. */
  #agoraOnlySince: number | undefined;
  #creates = this.#newMemory();

  /** Takes steps until the channel is steady. Returns their number. */
  reconcile(): number {
    const deferrals = new Map<string, Deferred>();
    for (let steps = 0; steps < mostSteps; steps += 1) {
      if (!this.exists) return steps;
      const observed = this.observe(deferrals);
      const step = nextStep(observed, policy, this.time);
      if (step.do === 'none') {
        const status = describeChannel(observed, 'PodDeleted', this.time);
        this.channel = { ...this.channel, status: { ...status, ...this.#memory() } };
        this.#noteStreamMode();
        return steps;
      }
      const deferred = this.take(step);
      if (deferred !== undefined)
        deferrals.set('record' in step ? step.record.platform + step.record.name : '', deferred);
    }
    throw new Error(`invariant broken: steady after ${String(mostSteps)} steps`);
  }

  /** The same, with a crash after this number of effects. */
  reconcileUntilDeath(effects: number): void {
    this.fuse = effects;
    try {
      this.reconcile();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    this.fuse = Infinity;
    this.#creates = this.#newMemory();
  }

  observe(deferrals: ReadonlyMap<string, Deferred> = new Map()): Observed {
    const records = streamRecords(this.channel);
    return {
      channel: this.channel,
      desired: this.#target(records),
      credentials:
        this.credentials === undefined
          ? missing('CredentialsNotFound', 'no Secret')
          : found(this.credentials),
      streams: records.map((record) => this.#stream(record, deferrals.get(record.platform + record.name))),
      unowned: slots
        .filter((slot) => !records.some((record) => slotsOf(record).includes(slot)))
        .flatMap((slot) => this.#unowned(slot)),
      failure: undefined,
    };
  }

  /** Executes the step. A returned value defers the stream for the rest of this reconcile. */
  take(step: Step): Deferred | undefined {
    switch (step.do) {
      case 'none':
        return undefined;
      case 'recover':
        this.#recover();
        return undefined;
      case 'record':
        must(
          this.channel.metadata.deletionTimestamp === undefined,
          'a resource that is being deleted gets no new streams',
        );
        this.#mustNotInterrupt(step.records);
        this.#write(step.records);
        return undefined;
      case 'note':
        this.#note(step.record, step.noted);
        return undefined;
      case 'ensure-stream':
        return this.#atPlatform(() => this.#ensureStream(step.record));
      case 'rotate-key':
        return this.#atPlatform(() => this.#rotateKey(step.record, step.requested));
      case 'fail-over':
        must(step.noted.slot !== step.record.slot, 'a failover changes the slot');
        must((step.noted.epoch ?? 0) > (step.record.epoch ?? 0), 'the epoch increases');
        this.#note(step.record, step.noted);
        return undefined;
      case 'command':
        this.#command(step.slot, step.to === 'standby');
        return undefined;
      case 'fence':
        return this.#atPlatform(() => this.#fence(step.record));
      case 'refresh-secret':
        this.#writeSecret(step.record, undefined, step.slot);
        return undefined;
      case 'create-pod':
        this.#createPod(step.record, step.slot);
        return undefined;
      case 'delete-pod':
        this.#mustNotCutViewers(step.slot, step.message);
        this.#changePod(step.slot, { deleting: true }, (pod) => !pod.deleting);
        return undefined;
      case 'announce-secret':
        this.#announceSecret(step.slot);
        return undefined;
      case 'delete-secret':
        must(this.pods[step.slot] === undefined, 'a Secret is not deleted before its relay');
        this.#effect(() => (this.secrets[step.slot] = undefined));
        return undefined;
      case 'delete-stream':
        return this.#atPlatform(() => this.#deleteStream(step.record));
      case 'release':
        this.#release();
        return undefined;
    }
  }

  /** The user changes the spec. */
  change(spec: { readonly [K in keyof LiveChannel['spec']]?: LiveChannel['spec'][K] }): void {
    const { metadata } = this.channel;
    const generation = (metadata.generation ?? 0) + 1;
    const changed = { ...this.channel.spec, ...spec };
    this.channel = { ...this.channel, metadata: { ...metadata, generation }, spec: changed };
  }

  annotate(name: string, value: string | undefined): void {
    const { [name]: _, ...others } = this.channel.metadata.annotations ?? {};
    this.#annotations(value === undefined ? others : { ...others, [name]: value });
  }

  delete(): void {
    if ((this.channel.metadata.finalizers ?? []).length === 0) {
      this.exists = false; // owned objects go with their owner
      for (const slot of slots) [this.pods[slot], this.secrets[slot]] = [undefined, undefined];
      return;
    }
    const metadata = { ...this.channel.metadata, deletionTimestamp: '2026-03-01T12:00:00Z' };
    this.channel = { ...this.channel, metadata };
  }

  /** Changes the slot's pod, if there is one that is not being deleted. */
  changePod(slot: Slot, difference: Partial<RelayPodFacts>): void {
    const pod = this.pods[slot];
    if (pod?.facts.deleting === false) this.pods[slot] = { ...pod, facts: { ...pod.facts, ...difference } };
  }

  /** The slot's relay hangs, or recovers. */
  hang(slot: Slot, hangs: boolean): void {
    const pod = this.pods[slot];
    if (pod === undefined) return;
    // A recovering relay reads what the kubelet has mounted meanwhile.
    const secret = this.secrets[slot];
    const brought = !hangs && secret?.facts.revision === pod.facts.secretRevision ? secret : undefined;
    const pushesTo = brought === undefined ? pod.pushesTo : brought.pushesTo;
    this.pods[slot] = { ...pod, hangs, pushesTo };
  }

  /** Its container restarts, with the mounted files unchanged. */
  restartContainer(slot: Slot): void {
    const [pod, secret] = [this.pods[slot], this.secrets[slot]];
    if (pod === undefined || secret === undefined || pod.facts.deleting) return;
    this.pods[slot] = {
      pushesTo: secret.pushesTo,
      standby: secret.standby,
      hangs: false,
      facts: { ...pod.facts, restartCount: pod.facts.restartCount + 1 },
    };
  }

  /** The kubelet: deletes terminating pods and starts pending ones. */
  kubelet(): void {
    for (const slot of slots) {
      const pod = this.pods[slot];
      if (pod?.facts.deleting === true) this.pods[slot] = undefined;
      else if (pod?.facts.phase === 'Pending') this.changePod(slot, { phase: 'Running', running: true });
    }
  }

  /** The sweep of the platforms: deletes streams that the channel does not record. */
  sweep(): void {
    const records = this.exists ? streamRecords(this.channel) : [];
    for (const cloud of Object.values(this.clouds).filter(({ answering }) => answering))
      for (const { id, name } of cloud.streams()) {
        const recorded = records.some((record) =>
          record.id === undefined ? record.name === name : record.id === id,
        );
        if (!recorded) cloud.delete(id);
      }
  }

  /** Advances the time. */
  wait(seconds: number): void {
    this.time = new Date(this.time.getTime() + seconds * 1_000);
  }

  /** Slots whose relays push media that a platform accepts. */
  pushing(): readonly Slot[] {
    return slots.filter((slot) => {
      const pod = this.pods[slot];
      if (pod === undefined || pod.standby || !pod.facts.running || pod.facts.deleting) return false;
      return this.hostIsThere && this.cloud(pod.pushesTo.platform).accepts(pod.pushesTo.id, pod.pushesTo.key);
    });
  }

  /** Whether the relay of this stream pushes media that its platform accepts. */
  onAir({ slot }: StreamRecord): boolean {
    const pod = slot === undefined ? undefined : this.pods[slot];
    return pod !== undefined && this.#report(pod)?.state === 'live';
  }

  cloud(name: string): SimulatedCloud {
    const cloud = Object.values(this.clouds).find((each) => each.name === name);
    if (cloud === undefined) throw new Error(`no platform ${name}`);
    return cloud;
  }

  /** The name of the channel's stream on a platform. */
  streamName(platform: string): string {
    return `lc-${platform}-${this.channel.spec.playback.latency}`;
  }

  // Observed state.

  /** As in src/controllers/live-channel/observe.ts. */
  #target(records: readonly StreamRecord[]): Found<DesiredStream> {
    const usual = homePlatform(this.channel) ?? 'origin';
    const home = budgetPlatform(this.channel) ?? usual;
    const away = this.channel.spec.fallbackPlatformRef?.name;
    const leaves =
      away !== undefined &&
      desiredResources(this.channel).relay &&
      shouldUseFallback(this.channel, home, this.cloud(home).answering, policy, this.time);
    const platform = leaves ? away : home;
    const name = this.streamName(platform);
    const refuses =
      this.cloud(platform).full && !records.some((record) => sameStream(record, { platform, name }));
    return found({
      platform: facts(platform),
      name,
      insteadOf: leaves ? home : undefined,
      sentFrom: home === usual ? undefined : usual,
      refused: refuses ? { reason: 'QuotaExceeded', message: 'full' } : undefined,
    });
  }

  #stream(record: StreamRecord, deferred: Deferred | undefined): StreamState {
    const { slot, role } = record;
    const secret = slot === undefined ? undefined : this.secrets[slot]?.facts;
    const pod = slot === undefined ? undefined : this.pods[slot];
    const report = pod && this.#report(pod);
    const standby = record.standby?.slot;
    const cloud = this.cloud(record.platform);
    const led = cloud.answering ? record.id : undefined;
    return {
      record,
      platform: found(facts(record.platform)),
      secret,
      secretExists: secret !== undefined,
      pod: pod && { ...pod.facts, ready: report?.state === 'live' },
      report,
      presence: led === undefined ? 'unknown' : cloud.open(led) === undefined ? 'gone' : 'exists',
      playable: role === 'incoming' && report?.state === 'live',
      digests: this.#digests(record),
      deferred,
      silent: pod?.hangs === true && pod.facts.running,
      frozen: pod?.hangs === true && pod.facts.running,
      nodeLost: false,
      commanded: false,
      noViewersSince: undefined,
      standby: standby === undefined ? undefined : this.#standby(record, standby),
    };
  }

  #standby(record: StreamRecord, slot: Slot): Standby {
    const [secret, pod] = [this.secrets[slot], this.pods[slot]];
    return {
      slot,
      secret: secret?.facts,
      secretExists: secret !== undefined,
      pod: pod && { ...pod.facts, ready: false },
      report: pod && this.#report(pod),
      digests: this.#digests(record, slot),
      deferred: undefined,
      commanded: false,
    };
  }

  #report({ facts: pod, pushesTo: { platform, id, key }, standby, hangs }: Relay): RelayReport | undefined {
    if (!pod.running || pod.deleting || hangs) return undefined;
    if (standby) return aReport({ state: 'waiting', reason: 'NotInUse', standby, liveSince: null });
    if (!this.hostIsThere) return waitingForHost;
    const cloud = this.cloud(platform);
    if (cloud.accepts(id, key)) return aReport({ liveSince: pod.createdAt.toISOString() });
    const reason = cloud.ingestUp ? 'IngestRejected' : 'IngestUnreachable';
    return aReport({ state: 'failed', reason, liveSince: null });
  }

  #unowned(slot: Slot): UnownedChildren[] {
    const [pod, secret] = [this.pods[slot], this.secrets[slot]];
    if (pod === undefined && secret === undefined) return [];
    return [{ slot, secret: secret !== undefined, pod: pod?.facts, deferred: false }];
  }

  #digests(record: StreamRecord, slot = record.slot): { config: string; pod: string } {
    if (this.credentials === undefined || slot === undefined) return { config: '', pod: '' };
    const { platform, epoch } = record;
    const { relay, agora } = this.channel.spec;
    const config = JSON.stringify([
      slot,
      platform,
      budgetAction(this.channel) === 'lower-cap',
      relay.keyframeIntervalSeconds,
      agora,
      this.credentials.appId,
    ]);
    return { config: `${config} ${String(slot !== record.slot)} ${String(epoch)}`, pod: `pod of ${config}` };
  }

  // Effects, as in src/controllers/live-channel.

  /** Changes the outside world. The operator may crash right after it. */
  #effect<T>(change: () => T): T {
    const result = change();
    this.fuse -= 1;
    if (this.fuse <= 0) throw new Crash('the operator crashed');
    return result;
  }

  #atPlatform(run: () => Deferred | undefined): Deferred | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof CloudFailure)) throw error;
      const failure: Failure = { part: 'stream', reason: 'PlatformUnavailable', message: '' };
      return { failure };
    }
  }

  #ensureStream(record: StreamRecord): Deferred | undefined {
    must(
      this.channel.metadata.finalizers?.includes(STREAM_FINALIZER) === true,
      'no stream is created before the finalizer is set',
    );
    const stream = this.#findOrCreate(record);
    if (stream === 'later') return { failure: undefined };
    if (stream === undefined) return undefined;
    this.#note(record, { ...record, id: stream.id, provisioned: provisionedBy(stream) });
    this.#writeSecret(record, stream);
    return undefined;
  }

  /** Returns undefined if the recorded stream is gone; its id is then removed from the record. */
  #findOrCreate(record: StreamRecord): CloudStream | undefined | 'later' {
    const cloud = this.cloud(record.platform);
    if (record.id !== undefined) {
      const known = cloud.open(record.id);
      if (known !== undefined) return known;
      this.#note(record, forgotten(record, this.time.getTime().toString(36)));
      return undefined;
    }
    const attempt = this.#attemptKey(record);
    for (const { id } of this.#creates.isFirst(attempt) ? [] : cloud.find(record.name)) {
      const there = cloud.open(id);
      if (there !== undefined) return there;
    }
    const { idempotent, settleSeconds } = cloud.kind;
    if (!idempotent && this.#creates.unsettledMs(attempt, settleSeconds) > 0) return 'later';
    this.#creates.sent(attempt);
    try {
      return this.#effect(() => cloud.create(record.name, record.attempt, this.#name('stream')));
    } catch (error) {
      if (error instanceof CloudFailure && error.why !== 'lost') this.#creates.refused(attempt);
      throw error;
    }
  }

  #rotateKey(record: StreamRecord, requested: string): Deferred | undefined {
    const key = this.#name('key');
    const stream = this.#effect(() => this.cloud(record.platform).rotate(record.id ?? '', key));
    const rotated: StreamRecord = { ...record, rotated: requested };
    this.#note(record, stream === undefined ? rotated : { ...rotated, provisioned: provisionedBy(stream) });
    if (stream !== undefined) this.#writeSecret(record, stream);
    return undefined;
  }

  #deleteStream(record: StreamRecord): Deferred | undefined {
    const cloud = this.cloud(record.platform);
    const { idempotent, settleSeconds } = cloud.kind;
    const known = record.id === undefined ? [] : [record.id];
    const others = record.id !== undefined && idempotent ? [] : cloud.find(record.name).map(({ id }) => id);
    for (const id of new Set([...known, ...others])) {
      must(
        !this.pods.some((pod) => pod?.pushesTo.id === id),
        'no stream is deleted while a relay pushes to it',
      );
      this.#effect(() => cloud.delete(id));
    }
    const waits =
      record.id === undefined && this.#creates.unsettledMs(this.#attemptKey(record), settleSeconds) > 0;
    if (waits) return { failure: undefined };
    this.#note(record, undefined);
    return undefined;
  }

  #createPod(record: StreamRecord, slot: Slot): void {
    const secret = this.secrets[slot];
    if (secret === undefined) throw new Error('invariant broken: no pod is created without its Secret');
    must(this.pods[slot] === undefined, 'at most one pod per slot');
    must(secret.pushesTo.id === record.id, 'a relay pushes to the recorded stream');
    this.#effect(() => {
      this.pods[slot] = {
        pushesTo: secret.pushesTo,
        standby: secret.standby,
        hangs: false,
        facts: aPod({
          uid: this.#name('pod'),
          name: `show-relay-${String(slot)}`,
          slot,
          createdAt: this.time,
          phase: 'Pending',
          running: false,
          specDigest: this.#digests(record, slot).pod,
          secretRevision: secret.facts.revision,
        }),
      };
    });
  }

  #changePod(slot: Slot, difference: Partial<RelayPodFacts>, may: (pod: RelayPodFacts) => boolean): void {
    const pod = this.pods[slot];
    must(pod !== undefined && may(pod.facts), 'only an existing pod is deleted, and only once');
    this.#effect(() => {
      this.changePod(slot, difference);
    });
  }

  /** The only exception from the invariants: a relay that hangs does not read its new Secret. */
  #announceSecret(slot: Slot): void {
    const [pod, secret] = [this.pods[slot], this.secrets[slot]];
    if (pod === undefined || secret === undefined)
      throw new Error('invariant broken: a relay is notified of a Secret only if both exist');
    const { pushesTo } = secret;
    this.#effect(() => {
      this.pods[slot] = {
        ...pod,
        pushesTo: pod.hangs ? pod.pushesTo : pushesTo,
        facts: { ...pod.facts, secretRevision: secret.facts.revision },
      };
    });
  }

  /** Without a stream: from the details of the present Secret. */
  #writeSecret(record: StreamRecord, stream: CloudStream | undefined, slot = record.slot): void {
    const present =
      slot === undefined
        ? undefined
        : (this.#details(record, slot) ?? this.#details(record, otherSlot(slot)))?.pushesTo;
    const pushesTo =
      stream === undefined ? present : { platform: record.platform, id: stream.id, key: stream.key };
    if (this.credentials === undefined || slot === undefined || pushesTo === undefined)
      throw new Error('invariant broken: a Secret is written only from known details');
    const facts: RelaySecretFacts = {
      ingestDigest: provisionedBy(pushesTo).ingestDigest,
      tokenFor: tokenFor(this.credentials, agoraSubject(this.channel, slot, this.credentials)),
      tokenIssuedAt: this.time,
      tokenExpiresAt: new Date(this.time.getTime() + 7_200_000),
      configDigest: this.#digests(record, slot).config,
      revision: this.#name('revision'),
    };
    const standby = slot !== record.slot;
    this.#effect(() => (this.secrets[slot] = { facts, pushesTo, standby }));
  }

  #details(record: StreamRecord, slot: Slot): SlotSecret | undefined {
    const secret = this.secrets[slot];
    return secret?.facts.ingestDigest === record.provisioned?.ingestDigest ? secret : undefined;
  }

  #command(slot: Slot, standby: boolean): void {
    const pod = this.pods[slot];
    if (pod?.facts.running !== true || pod.hangs)
      throw new Error('invariant broken: only a relay that answers is commanded');
    if (!standby) {
      const { pushesTo } = pod;
      const doubles = this.pushing().some(
        (each) => each !== slot && this.pods[each]?.pushesTo.id === pushesTo.id,
      );
      must(!doubles, 'no relay is commanded to push while another one pushes');
    }
    this.#effect(() => {
      this.pods[slot] = { ...pod, standby };
    });
  }

  #fence(record: StreamRecord): Deferred | undefined {
    const { epoch = 0 } = record;
    const stream = this.#effect(() => this.cloud(record.platform).rotate(record.id ?? '', this.#name('key')));
    if (stream === undefined) return { failure: undefined };
    const rotated: StreamRecord = { ...record, provisioned: provisionedBy(stream) };
    this.#note(record, rotated);
    this.#writeSecret(record, stream);
    this.#note(record, { ...rotated, fenced: { epoch, at: this.time.toISOString() } });
    return undefined;
  }

  #release(): void {
    const retained = this.channel.spec.deletionPolicy === 'Retain' ? 1 : 0;
    const left = Object.values(this.clouds).flatMap((cloud) => cloud.streams()).length;
    must(
      [...this.pods, ...this.secrets].every((each) => each === undefined),
      'no pod and no Secret is left behind',
    );
    must(left <= retained, 'no stream is left behind');
    this.exists = false;
  }

  /** Tracks, from the status, since when viewers are on Agora alone. */
  #noteStreamMode(): void {
    const isAgoraOnly = this.channel.status?.effectiveStreamMode === 'agora-only';
    this.#agoraOnlySince = isAgoraOnly ? (this.#agoraOnlySince ?? this.time.getTime()) : undefined;
  }

  /** A relay is deleted to save costs only after viewers had the time to switch to Agora. */
  #mustNotCutViewers(slot: Slot, message: string): void {
    const active = streamRecords(this.channel).find(({ role }) => role === 'active');
    if (active?.slot !== slot || message !== offForCosts(this.channel)?.message) return;
    if (budgetAction(this.channel) === 'stop' || !this.onAir(active)) return;
    const since = this.#agoraOnlySince ?? Infinity;
    must(this.time.getTime() - since >= policy.drainMs, 'viewers are sent to Agora, and have time to switch');
  }

  /** Viewers are switched only to a stream that can be played, or when they see no video anyway. */
  #mustNotInterrupt(records: readonly StreamRecord[]): void {
    const before = streamRecords(this.channel).find(({ role }) => role === 'active');
    const after = records.find(({ role }) => role === 'active');
    if (before === undefined || (after !== undefined && sameStream(before, after))) return;
    if (!this.onAir(before) || !desiredResources(this.channel).relay) return;
    must(
      after !== undefined && this.onAir(after),
      'a stream on air is only replaced by one that can be played',
    );
  }

  #note(record: StreamRecord, noted: StreamRecord | undefined): void {
    const records = streamRecords(this.channel).flatMap((each) =>
      sameStream(each, record) ? (noted === undefined ? [] : [noted]) : [each],
    );
    this.#write(records);
    if (noted?.attempt !== record.attempt || noted.id !== undefined)
      this.#creates.forget(this.#attemptKey(record));
  }

  #write(records: readonly StreamRecord[]): void {
    const taken = records.flatMap((record) => slotsOf(record));
    must(new Set(taken).size === taken.length, 'at most one stream per slot');
    must(records.filter(({ role }) => role === 'active').length <= 1, 'at most one stream is active');
    must(
      records.every((one, at) => !records.slice(at + 1).some((other) => sameStream(one, other))),
      'no stream is recorded twice',
    );
    const before = new Set(streamRecords(this.channel).map((record) => this.#attemptKey(record)));
    const { uid, finalizers } = this.channel.metadata;
    const isFirst = memoryOf(this.channel) === 'new';
    if (finalizers?.includes(STREAM_FINALIZER) !== true)
      this.#effect(() => {
        const metadata = { ...this.channel.metadata, finalizers: [STREAM_FINALIZER] };
        this.channel = { ...this.channel, metadata };
      });
    this.#effect(() => {
      this.channel = { ...this.channel, status: { ...this.channel.status, streams: [...records] } };
    });
    for (const record of records)
      if (record.id === undefined && !before.has(this.#attemptKey(record)))
        this.#creates.recorded(this.#attemptKey(record), { uid, isFirst });
  }

  /** As in src/controllers/live-channel/steps/recover.ts. */
  #recover(): void {
    this.#creates.recordsLost(this.channel.metadata.uid);
    const streams = Object.values(this.clouds).flatMap((cloud) =>
      cloud.streams().map(({ id, name, createdAt }) => ({
        platform: cloud.name,
        name,
        id,
        createdAt: new Date(createdAt),
      })),
    );
    const desired = this.#target([]);
    const slot = slots.find((each) => this.pods[each] !== undefined);
    const key = desired.ok ? { platform: desired.value.platform.name, name: desired.value.name } : undefined;
    this.#write(
      recoveredRecords(streams, { channel: this.channel, hints: [], desired: key, slot }, this.time),
    );
  }

  #memory(): Pick<NonNullable<LiveChannel['status']>, 'streams'> {
    const streams = this.channel.status?.streams;
    return streams === undefined ? {} : { streams };
  }

  /** Somebody loses the status, or only the records in it. */
  lose(what: 'status' | 'records'): void {
    const { status, ...rest } = this.channel;
    const { streams: _, ...others } = status ?? {};
    this.channel = what === 'status' ? rest : { ...rest, status: others };
  }

  #annotations(all: Record<string, string>): void {
    this.channel = { ...this.channel, metadata: { ...this.channel.metadata, annotations: all } };
  }

  #attemptKey({ name, attempt }: StreamRecord): string {
    return `${name}/${attempt}`;
  }

  #newMemory(): PendingCreates {
    return new PendingCreates({ monotonic: () => this.time.getTime() });
  }

  #name(kind: string): string {
    this.#made += 1;
    return `${kind}-${String(this.#made)}`;
  }
}

const facts = (name: string): PlatformFacts => ({ ...aPlatform, name });

const provisionedBy = ({ id, key }: Pick<CloudStream, 'id' | 'key'>): ProvisionedRecord =>
  provisioned(id, { streamKeyId: `id of ${key}`, ingestDigest: ingestDigestOf(`${id} ${key}`) });

function must(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`invariant broken: ${rule}`);
}
