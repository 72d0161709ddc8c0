import { Registry } from 'prom-client';
import { liveChannelSchema, type LiveChannel } from '../../../../src/api/live-channel.ts';
import { annotations } from '../../../../src/api/names.ts';
import { relayConfigSchema, type RelayReport } from '../../../../src/api/relay-contract.ts';
import type { SecretText as SecretText } from '../../../../src/base/secret-text.ts';
import type { StreamingPlatform } from '../../../../src/api/streaming-platform.ts';
import { found, type RelayPodFacts } from '../../../../src/channel/state.ts';
import { streamRecords, type StreamRecord } from '../../../../src/api/stream-records.ts';
import { StreamQuota } from '../../../../src/controllers/platforms/stream-quota.ts';
import { PendingCreates } from '../../../../src/controllers/platforms/pending-creates.ts';
import { ChannelObjects } from '../../../../src/controllers/live-channel/objects.ts';
import { ChannelReconciler } from '../../../../src/controllers/live-channel/reconciler.ts';
import { operatorMetrics } from '../../../../src/controllers/metrics.ts';
import {
  PlaybackProbes,
  type PlaylistProbeResult,
} from '../../../../src/controllers/platforms/playback-probes.ts';
import { PlatformDirectory, type OpenPlatform } from '../../../../src/cluster/platform-directory.ts';
import { PlatformConcurrencyLimiter } from '../../../../src/controllers/platforms/platform-concurrency.ts';
import { StreamExistenceCache } from '../../../../src/controllers/platforms/stream-existence-cache.ts';
import type { RelayCommands } from '../../../../src/controllers/relays/relay-commands.ts';
import type { RelayReports } from '../../../../src/controllers/relays/relay-reports.ts';
import { ingestDetails, secretValue } from '../../../../src/controllers/relays/relay-secret.ts';
import { liveChannelType } from '../../../../src/api/kinds.ts';
import { SecretReader } from '../../../../src/cluster/secret-reader.ts';
import { OrphanSweep } from '../../../../src/controllers/streaming-platform/orphan-sweep.ts';
import type { Pod, Secret } from '../../../../src/kube/core-types.ts';
import type { EventRecorder } from '../../../../src/kube/events.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import type { KubeObject, ObjectRef } from '../../../../src/kube/resource.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { RateLimits } from '../../../../src/platforms/rate-limit.ts';
import { OwnedPlatform } from '../../../../src/platforms/owned-platform.ts';
import type { Platform, StreamOwner } from '../../../../src/platforms/platform.ts';
import { SimulatedCloud, Crash } from '../../../support/platforms/simulated-cloud.ts';
import { aChannel, aReport, policy, waitingForHost } from '../../../support/channel/channel-examples.ts';
import { aSecretObject, aStreamingPlatform, never } from '../../../support/platforms/platform-examples.ts';
import { CloudDriver } from './cloud-driver.ts';
import { FakeApi } from './fake-api.ts';

export type PlatformName = 'origin' | 'other' | 'away';
const platformNames: readonly PlatformName[] = ['origin', 'other', 'away'];
const ref = { namespace: 'shop', name: 'show' };
const settings = { image: 'relay:1', pullPolicy: 'Never', pullSecrets: [] } as const;

/**
 * The channel's controller, unmodified and with its memory, with a fake API server and three platforms in this process
 * that fail on demand.
 */
export class ReconcilerStage {
  readonly clock = new FakeClock(new Date('2026-03-01T12:00:00Z'));
  readonly api = new FakeApi();
  readonly clouds: Record<PlatformName, SimulatedCloud>;
  readonly owners = new Map<string, StreamOwner>();
  readonly events: string[] = [];
  hostIsThere = true;
  /** The operator crashes after this number of further effects. */
  fuse = Infinity;
  readonly #drivers: Record<PlatformName, CloudDriver>;
  /** The drivers as the operator that runs now opened them. */
  #platforms: Record<PlatformName, Platform>;
  /** By uid of the pod: the stream and key that it uses. */
  readonly #pushes = new Map<
    string,
    { readonly platform: string; readonly id: string; readonly key: string }
  >();
  /** By uid of the pod: whether its relay is a standby. */
  readonly #standby = new Map<string, boolean>();
  #made = 0;
  #reconciler: ChannelReconciler;
  #objects: ChannelObjects;
  #directory: PlatformDirectory;

  constructor(channel: LiveChannel = aChannel({ records: [], finalizers: [] })) {
    const time = (): number => this.clock.now().getTime();
    this.clouds = {
      origin: new SimulatedCloud('origin', { idempotent: true, settleSeconds: 0 }, time),
      other: new SimulatedCloud('other', { idempotent: false, settleSeconds: 10 }, time),
      away: new SimulatedCloud('away', { idempotent: true, settleSeconds: 5 }, time),
    };
    const burn = (): void => {
      this.fuse -= 1;
      if (this.fuse <= 0) throw new Crash('the operator crashed');
    };
    const driver = (name: PlatformName): CloudDriver =>
      new CloudDriver(this.clouds[name], this.owners, (kind) => this.#name(kind), burn);
    this.#drivers = { origin: driver('origin'), other: driver('other'), away: driver('away') };
    this.api.onChange = burn;
    this.api.onRemoved = (object) => {
      this.#removed(object);
    };
    const appId = 'a'.repeat(32);
    this.api.put(aSecretObject({ appId, appCertificate: 'b'.repeat(32) }));
    for (const name of platformNames)
      this.api.put(aStreamingPlatform(name, { isDefault: name === 'origin' }));
    this.api.put(channel);
    this.#platforms = this.#open();
    [this.#reconciler, this.#objects, this.#directory] = this.#boot();
  }

  /** Reconciles until the channel is steady. Returns the requeue delay in milliseconds. */
  async reconcile(): Promise<number | undefined> {
    const context = { signal: never, logger: silentLogger };
    return (await this.#reconciler.reconcile(ref, context))?.requeueAfterMs;
  }

  /** The same, with a crash after this number of effects. */
  async reconcileUntilDeath(effects: number): Promise<void> {
    this.fuse = effects;
    await this.reconcile().catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
    });
    this.fuse = Infinity;
    this.restart();
  }

  /** Another operator process starts: it knows only what is stored in the cluster. */
  restart(): void {
    this.#platforms = this.#open();
    [this.#reconciler, this.#objects, this.#directory] = this.#boot();
  }

  /** Runs everything, for this number of rounds of this number of seconds. */
  async work(rounds = 6, seconds = 10): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      await this.reconcile();
      this.kubelet();
      await this.reconcile();
      await this.clock.advance(seconds * 1_000);
    }
  }

  get channel(): LiveChannel | undefined {
    const object = this.api.get('LiveChannel', ref);
    return object && liveChannelSchema.parse(object);
  }
  get records(): readonly StreamRecord[] {
    return this.channel === undefined ? [] : streamRecords(this.channel);
  }
  /** "status reason" of a condition. */
  condition(type: string): string | undefined {
    const condition = this.channel?.status?.conditions?.find((each) => each.type === type);
    return condition && `${condition.status} ${condition.reason}`;
  }
  message(type: string): string {
    return this.channel?.status?.conditions?.find((each) => each.type === type)?.message ?? '';
  }
  pod(slot: number): Pod | undefined {
    const pods = this.api.list('Pod') as Pod[];
    return pods.find(({ metadata }) => metadata.name === `show-relay-${String(slot)}`);
  }
  get children(): readonly string[] {
    const owned = [...this.api.list('Pod'), ...this.api.list('Secret')].filter(
      ({ metadata }) => metadata.ownerReferences !== undefined,
    );
    return owned.map(({ metadata }) => metadata.name).sort();
  }
  /** Existing streams that carry our tag, as "platform id". */
  get streams(): readonly string[] {
    return platformNames.flatMap((name) =>
      this.clouds[name]
        .streams()
        .filter(({ id }) => this.owners.has(id))
        .map(({ id }) => `${name} ${id}`),
    );
  }
  driver(name: PlatformName): CloudDriver {
    return this.#drivers[name];
  }

  /** The user edits the channel. */
  edit(spec: object, annotated: Record<string, string | undefined> = {}): void {
    const { channel } = this;
    if (channel === undefined) return;
    const noted = Object.entries({ ...channel.metadata.annotations, ...annotated });
    const metadata = {
      ...channel.metadata,
      generation: (channel.metadata.generation ?? 0) + 1,
      annotations: Object.fromEntries(noted.filter(([, value]) => value !== undefined)),
    };
    this.api.put(liveChannelSchema.parse({ ...channel, metadata, spec: { ...channel.spec, ...spec } }));
  }
  /** Somebody loses the status, or only the records in it. */
  lose(what: 'status' | 'records'): void {
    const { channel } = this;
    if (channel === undefined) return;
    const { status, ...rest } = channel;
    const { streams: _streams, ...others } = status ?? {};
    const left: KubeObject & Pick<LiveChannel, 'status'> =
      what === 'status' ? rest : { ...rest, status: others };
    this.api.put(left);
  }
  requestKeyRotation(value: string): void {
    this.edit({}, { [annotations.rotateKey]: value });
  }
  delete(): void {
    this.fuse = Infinity;
    this.api.delete(liveChannelType, ref);
  }

  /** The kubelet: deletes terminating pods and starts pending ones, with their current Secret. */
  kubelet(): void {
    for (const pod of this.api.list('Pod') as Pod[]) {
      if (pod.metadata.deletionTimestamp !== undefined) {
        this.api.remove(pod);
        continue;
      }
      const volume = pod.spec.volumes?.find(({ name }) => name === 'channel');
      const secret: Secret | undefined = this.api.get('Secret', {
        namespace: 'shop',
        name: volume?.secret?.secretName ?? '',
      });
      const ingest = ingestDetails(secret);
      if (!this.#standby.has(pod.metadata.uid))
        this.#standby.set(pod.metadata.uid, standbyIn(secretValue(secret, 'config')));
      if (ingest === undefined) continue;
      const key = ingest.streamKey.reveal();
      const cloud = Object.values(this.clouds).find(({ name }) => ingest.ingestUrl.includes(`//${name}.`));
      this.#pushes.set(pod.metadata.uid, {
        platform: cloud?.name ?? '',
        id: cloud?.streams().find((stream) => stream.key === key)?.id ?? '',
        key,
      });
      const status = {
        phase: 'Running',
        podIP: '10.0.0.5',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [{ restartCount: 0, state: { running: {} } }],
      };
      this.api.put({ ...pod, status } as KubeObject);
    }
  }

  /** Polls the streams of a platform, as its controller does. Returns them. */
  async poll(name: PlatformName): Promise<void> {
    const listing = new Map(
      (await this.#platforms[name].listStreams(never)).map((stream) => [stream.id, stream]),
    );
    this.#directory.noteListing(name, { at: this.clock.now(), streams: listing });
  }

  /** The streams that no channel owns. */
  async sweep(name: PlatformName): Promise<void> {
    const driver = this.#platforms[name];
    const sweep = new OrphanSweep(this.api.client, this.clock, 0);
    const platform = { name, resource: aStreamingPlatform(name), driver };
    await sweep.run(platform, await driver.listStreams(never), new Set(platformNames), never);
  }

  #boot(): [ChannelReconciler, ChannelObjects, PlatformDirectory] {
    const { api, clock } = this;
    const store = <T extends KubeObject>(kind: string) => ({
      get: (at: ObjectRef) => api.get(kind, at) as T | undefined,
      list: () => api.list(kind) as T[],
    });
    const channels = {
      get: () => this.channel,
      list: () => (this.channel === undefined ? [] : [this.channel]),
    };
    const objects = new ChannelObjects({ channels, pods: store('Pod'), secrets: store('Secret') }, clock);
    const secrets = new SecretReader(api.client, clock);
    const context = { clusterId: 'cluster', clock, rateLimits: new RateLimits(clock) };
    const platforms = new PlatformDirectory(store<StreamingPlatform>('StreamingPlatform'), secrets, context);
    // Real drivers are opened from credentials; here they are those of the clouds.
    platforms.openResource = (resource) => Promise.resolve(found(this.#opened(resource)));
    const admissions = new StreamQuota(channels, clock, () => 'origin');
    const reports = {
      of: (pod: RelayPodFacts) => Promise.resolve(this.#report(pod)),
      silence: () => ({ silent: false, ms: 0 }),
      isFrozen: () => false,
      outdated: () => undefined,
    } as unknown as RelayReports;
    const commands: RelayCommands = {
      send: ({ uid }, { to }) => {
        this.#standby.set(uid, to === 'standby');
        return Promise.resolve(true);
      },
    };
    const reconciler = new ChannelReconciler({
      deps: {
        client: api.client,
        clock,
        platforms,
        quota: admissions,
        concurrency: new PlatformConcurrencyLimiter(() => undefined),
        creates: new PendingCreates(clock),
        objects,
        commands,
        reports,
        clusterId: 'cluster',
        relay: settings,
        tokenSeconds: 7_200,
      },
      observeDeps: {
        clock,
        clusterId: 'cluster',
        policy,
        relay: settings,
        objects,
        platforms,
        quota: admissions,
        secrets,
        reports,
        viewers: { since: () => undefined },
        leases: { isLost: () => Promise.resolve(false) },
        existence: new StreamExistenceCache(clock),
        probes: new PlaybackProbes(clock, (url) => Promise.resolve(this.#playlist(url))),
      },
      poller: { follow: () => undefined },
      events: {
        event: (_: KubeObject, type: string, reason: string) => this.events.push(`${type} ${reason}`),
      } as unknown as EventRecorder,
      metrics: operatorMetrics(new Registry(), () => []),
    });
    return [reconciler, objects, platforms];
  }

  #open(): Record<PlatformName, Platform> {
    const { origin, other, away } = this.#drivers;
    const opened = (driver: CloudDriver): Platform => new OwnedPlatform(driver, this.clock);
    return { origin: opened(origin), other: opened(other), away: opened(away) };
  }

  #opened(resource: StreamingPlatform): OpenPlatform {
    const { name } = resource.metadata;
    const known = platformNames.find((each) => each === name);
    if (known === undefined) throw new Error(`no platform ${name}`);
    const status = this.clouds[known].answering ? 'True' : 'False';
    const ready = { type: 'Ready', status, reason: 'Test', message: '', lastTransitionTime: '' } as const;
    return {
      name,
      resource: { ...resource, status: { conditions: [ready] } },
      driver: this.#platforms[known],
    };
  }

  #report({ uid, running }: RelayPodFacts): RelayReport | undefined {
    const pushes = this.#pushes.get(uid);
    if (!running || pushes === undefined) return undefined;
    const standby = this.#standby.get(uid) ?? false;
    if (standby) return aReport({ state: 'waiting', reason: 'NotInUse', standby, liveSince: null });
    if (!this.hostIsThere) return waitingForHost;
    const cloud = Object.values(this.clouds).find(({ name }) => name === pushes.platform);
    if (cloud?.accepts(pushes.id, pushes.key) === true) return aReport();
    const reason = cloud?.ingestUp === true ? 'IngestRejected' : 'IngestUnreachable';
    return aReport({ state: 'failed', reason, message: 'no', liveSince: null });
  }

  /** Increases while the relay pushes. */
  #playlist(url: string): PlaylistProbeResult {
    const on = (this.api.list('Pod') as Pod[]).some(({ metadata: { uid } }) => {
      const pushes = this.#pushes.get(uid);
      if (pushes === undefined || !url.includes(`/${pushes.id}/`) || !this.hostIsThere) return false;
      return Object.values(this.clouds).some((cloud) => cloud.accepts(pushes.id, pushes.key));
    });
    return on ? { edge: String(this.clock.monotonic()) } : 'nothing';
  }

  #removed(object: KubeObject): void {
    if (object.kind === 'Pod') this.#objects.podDeleted(object as Pod);
    if (object.kind === 'Secret') this.#objects.secretDeleted(object);
    if (object.kind === 'LiveChannel') this.#objects.channelDeleted(liveChannelSchema.parse(object));
  }

  #name(kind: string): string {
    this.#made += 1;
    return `${kind}-${String(this.#made)}`;
  }
}

/** The role that a starting relay reads. */
function standbyIn(config: SecretText | undefined): boolean {
  return config !== undefined && relayConfigSchema.parse(JSON.parse(config.reveal())).standby;
}
