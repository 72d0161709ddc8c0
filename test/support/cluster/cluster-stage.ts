import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import {
  credentials,
  credentialsName,
  edge,
  seller,
  type Picture,
  type SceneAccessPoints,
  type SceneNotifications,
} from '../../../hack/demo/agora-scene.ts';
import { Kubectl, type Manifest } from '../../../hack/demo/kubectl.ts';
import { ensureNamespace, installRelease } from '../../../hack/demo/release.ts';
import { foldersFrom } from '../../../hack/tools/folders.ts';
import { liveChannelStatusSchema, type LiveChannelStatus } from '../../../src/api/live-channel.ts';
import { API_VERSION } from '../../../src/api/names.ts';
import { eventually } from '../wait/eventually.ts';

export const folders = foldersFrom(process.env);
/** Small, so that several relays and a browser fit on two cores. */
export const picture: Picture = { width: 640, height: 360, fps: 15, bitrateKbps: 700 };

const channelSchema = z.object({
  metadata: z.object({ uid: z.string(), generation: z.number() }),
  status: liveChannelStatusSchema.optional(),
});
const podSchema = z.object({
  metadata: z.object({ uid: z.string(), name: z.string(), deletionTimestamp: z.string().optional() }),
});
const eventsSchema = z.object({
  items: z.array(
    z.object({ reason: z.string(), type: z.string(), message: z.string(), count: z.number().nullish() }),
  ),
});

/** A namespace of the real cluster with an Agora edge, a host and the operator's release. */
export class ClusterStage {
  readonly kubectl: Kubectl;
  readonly namespace: string;
  readonly appId: string;
  readonly appCertificate: string;
  readonly accessPoints: SceneAccessPoints;

  private constructor(
    kubectl: Kubectl,
    namespace: string,
    app: { appId: string; appCertificate: string },
    accessPoints: SceneAccessPoints,
  ) {
    this.kubectl = kubectl;
    this.namespace = namespace;
    this.appId = app.appId;
    this.appCertificate = app.appCertificate;
    this.accessPoints = accessPoints;
  }

  /** `notifications`: where the Agora edge sends notifications about its channels. */
  static async open(
    name: string,
    values: Readonly<Record<string, unknown>> = {},
    notifications?: SceneNotifications,
  ): Promise<ClusterStage> {
    const report = (line: string): void => {
      process.stderr.write(`  ${line}\n`);
    };
    const kubectl = await Kubectl.open(folders, report);
    await installRelease(folders, kubectl, report, values);
    const namespace = `${name}-${randomBytes(3).toString('hex')}`;
    await ensureNamespace(kubectl, namespace);
    const app = { appId: randomBytes(16).toString('hex'), appCertificate: randomBytes(16).toString('hex') };
    const local = await edge(folders, namespace, app.appId, notifications);
    await kubectl.apply(credentials(namespace, app.appId, app.appCertificate), ...local.objects);
    await kubectl.run(['-n', namespace, 'rollout', 'status', 'deployment/agora-edge', '--timeout=60s']);
    return new ClusterStage(kubectl, namespace, app, local.accessPoints);
  }

  async close(): Promise<void> {
    await this.kubectl.attempt(['delete', 'livechannels', '--all', '-n', this.namespace, '--timeout=60s']);
    await this.kubectl.attempt(['delete', 'namespace', this.namespace, '--timeout=60s']);
  }

  addSeller(channel: string): Promise<void> {
    return this.addSellers([channel], picture);
  }

  /** A host for each Agora channel, all in one browser; channels as hack/demo/agora-scene.ts has them. */
  async addSellers(channels: readonly string[], own: Picture): Promise<void> {
    const { appId, accessPoints, namespace } = this;
    const host = await seller(folders, namespace, { appId, channels, picture: own, accessPoints });
    await this.kubectl.apply(host);
    await this.kubectl.run(['-n', namespace, 'rollout', 'status', 'deployment/seller', '--timeout=90s']);
  }

  liveChannel(
    name: string,
    spec: Readonly<Record<string, unknown>> = {},
    agora: Readonly<Record<string, unknown>> = {},
  ): Manifest {
    return {
      apiVersion: API_VERSION,
      kind: 'LiveChannel',
      metadata: { name, namespace: this.namespace },
      spec: {
        agora: { credentialsRef: { name: credentialsName }, accessPoints: this.accessPoints, ...agora },
        ...spec,
      },
    };
  }

  async status(name: string): Promise<LiveChannelStatus> {
    const object = await this.kubectl.get('livechannel', name, this.namespace);
    return object === undefined ? {} : (channelSchema.parse(object).status ?? {});
  }

  /** Waits until Ready has this status and reason. */
  untilReady(
    name: string,
    status: 'True' | 'False',
    reason: string,
    seconds = 60,
  ): Promise<LiveChannelStatus> {
    return eventually(`LiveChannel ${name} is Ready=${status} ${reason}`, seconds, async () => {
      const now = await this.status(name);
      const ready = now.conditions?.find(({ type }) => type === 'Ready');
      if (ready?.status === status && ready.reason === reason) return now;
      throw new Error(`Ready=${ready?.status ?? '?'} ${ready?.reason ?? ''} ${ready?.message ?? ''}`);
    });
  }

  /** The relay pod that is not terminating. */
  async relayPod(name: string): Promise<{ uid: string; name: string } | undefined> {
    const object = await this.kubectl.get('pod', `${name}-relay-0`, this.namespace);
    if (object === undefined) return undefined;
    const { metadata } = podSchema.parse(object);
    return metadata.deletionTimestamp === undefined ? metadata : undefined;
  }

  async events(name: string): Promise<{ reason: string; type: string; message: string }[]> {
    const selector = `involvedObject.kind=LiveChannel,involvedObject.name=${name}`;
    const text = await this.kubectl.run([
      '-n',
      this.namespace,
      'get',
      'events',
      '--field-selector',
      selector,
      '-o',
      'json',
    ]);
    return eventsSchema.parse(JSON.parse(text)).items;
  }

  /** The warning events on a pod, with their counts. */
  async warningsOf(pod: string): Promise<string[]> {
    const selector = `involvedObject.kind=Pod,involvedObject.name=${pod},type=Warning`;
    const text = await this.kubectl.run([
      ...['-n', this.namespace, 'get', 'events', '--field-selector', selector, '-o', 'json'],
    ]);
    return eventsSchema
      .parse(JSON.parse(text))
      .items.map(({ reason, message, count }) => `${count ?? 1} times ${reason}: ${message}`);
  }

  async isPodReady(pod: string): Promise<boolean> {
    const path = '.status.conditions[?(@.type=="Ready")].status';
    return (await this.kubectl.field('pod', pod, this.namespace, path)) === 'True';
  }

  untilEvent(name: string, type: 'Normal' | 'Warning', reason: string): Promise<boolean> {
    return eventually(`event ${type} ${reason} on ${name}`, 30, async () => {
      const events = await this.events(name);
      if (events.some((event) => event.type === type && event.reason === reason)) return true;
      throw new Error(`events: ${events.map((event) => event.reason).join(', ')}`);
    });
  }

  /** Waits until nothing of the channel is left in the cluster or on the origin. */
  async untilGone(name: string): Promise<void> {
    await eventually(`nothing of ${name} is left`, 60, async () => {
      const { stdout } = await this.kubectl.attempt([
        ...['-n', this.namespace, 'get', 'livechannel,pod,secret', '-o', 'name'],
      ]);
      const left = stdout.split('\n').filter((line) => line.includes(`/${name}`));
      if (left.length === 0) return true;
      throw new Error(left.join(', '));
    });
  }

  /** Waits until the status of StreamingPlatform origin reports this number of streams. */
  async untilStreams(count: number): Promise<void> {
    await eventually(`the origin has ${String(count)} streams`, 60, async () => {
      const streams = await this.kubectl.field('streamingplatform', 'origin', undefined, '.status.streams');
      if (streams === String(count)) return true;
      throw new Error(`there are ${streams}`);
    });
  }
}
