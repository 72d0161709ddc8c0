import { pino } from 'pino';
import {
  startControlPlane,
  type ControlPlane,
  type ControlPlaneOptions,
} from '../../../hack/cluster/control-plane.ts';
import { eventually } from '../wait/eventually.ts';
import type { LiveChannel } from '../../../src/api/live-channel.ts';
import { annotations } from '../../../src/api/names.ts';
import { relayPodName, relaySecretName } from '../../../src/channel/pod/relay-pod.ts';
import { startOperator } from '../../../src/operator/operator.ts';
import { liveChannelType, streamingPlatformType } from '../../../src/api/kinds.ts';
import { operatorSettingsSchema } from '../../../src/operator/settings.ts';
import { connect, type KubeClient } from '../../../src/kube/client.ts';
import type { Clock } from '../../../src/base/clock.ts';
import {
  eventType,
  namespaceType,
  podType,
  secretType,
  type Event,
  type Pod,
  type Secret,
} from '../../../src/kube/core-types.ts';
import type { KubeObject, ResourceType } from '../../../src/kube/resource.ts';
import type { StreamingPlatform } from '../../../src/api/streaming-platform.ts';
import { OriginDouble } from '../../fixtures/origin-double.ts';
import { clusterCli, expectOk, type Cli } from '../cluster/cluster-cli.ts';
import { FakeKubelet } from './fake-kubelet.ts';

/** 32 hexadecimal digits each, as Agora has them. */
export const agoraApp = { appId: 'a'.repeat(32), appCertificate: 'b'.repeat(32) };

export interface Ref {
  readonly namespace: string;
  readonly name: string;
}

/** Objects as a user writes them: the API server fills in the rest. */
type Written = KubeObject & { readonly spec?: object };
const { parse: _channel, ...channelType } = liveChannelType;
const { parse: _platform, ...platformType } = streamingPlatformType;
const writtenChannel: ResourceType<Written> = channelType;
const writtenPlatform: ResourceType<Written> = platformType;

/** A real API server with the definitions, a platform, a stand-in kubelet and, when asked for, the operator. */
export class OperatorStage implements AsyncDisposable {
  readonly controlPlane: ControlPlane;
  readonly client: KubeClient;
  readonly kubectl: Cli;
  readonly origin: OriginDouble;
  readonly kubelet: FakeKubelet;
  /** All that the operator logged in this process, at every level. */
  log = '';
  #operator: { readonly stop: AbortController; readonly run: Promise<void> } | undefined;
  #names = 0;

  private constructor(
    parts: Pick<OperatorStage, 'controlPlane' | 'client' | 'kubectl' | 'origin' | 'kubelet'>,
  ) {
    this.controlPlane = parts.controlPlane;
    this.client = parts.client;
    this.kubectl = parts.kubectl;
    this.origin = parts.origin;
    this.kubelet = parts.kubelet;
  }

  static async build(options: ControlPlaneOptions = {}): Promise<OperatorStage> {
    const controlPlane = await startControlPlane(options);
    const { kubeconfigPath } = controlPlane;
    const kubectl = await clusterCli('kubectl', kubeconfigPath);
    await expectOk(kubectl(['apply', '--server-side', '-f', 'crds']));
    await expectOk(kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']));
    const client = await connect({ kubeconfigPath, fieldManager: 'the-user' });
    const origin = await OriginDouble.start();
    const kubelet = await FakeKubelet.start(kubeconfigPath);
    const stage = new OperatorStage({ controlPlane, client, kubectl, origin, kubelet });
    await stage.putSecret({ namespace: 'default', name: 'origin' }, { token: origin.token });
    return stage;
  }

  /** Runs the operator in this process until the stage ends or stopOperator(). */
  startOperator(
    settings: Record<string, string> = {},
    options: { readonly clock?: Clock; readonly kubeconfigPath?: string } = {},
  ): void {
    const stop = new AbortController();
    const run = startOperator({
      settings: operatorSettingsSchema.parse({ ...operatorEnvironment, ...settings }),
      logger: pino({ level: 'trace' }, { write: (line: string) => (this.log += line) }),
      identity: 'operator-under-test',
      signal: stop.signal,
      kubeconfigPath: this.controlPlane.kubeconfigPath,
      ...options,
    });
    this.#operator = { stop, run };
  }

  async stopOperator(): Promise<void> {
    const operator = this.#operator;
    this.#operator = undefined;
    operator?.stop.abort();
    await operator?.run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopOperator();
    await this.kubelet[Symbol.asyncDispose]();
    await this.origin.stop();
    await this.client.close();
    await this.controlPlane.stop();
  }

  /** A namespace of its own for a test, with the Agora credentials in it. */
  async namespace(its: Record<string, string> = {}): Promise<string> {
    this.#names += 1;
    const name = `test-${String(this.#names)}`;
    await this.client.create(namespaceType, { metadata: { name, labels: its } });
    await this.putSecret({ namespace: name, name: 'agora' }, agoraApp);
    // No pod is accepted before.
    await eventually('the default service account', 20, async () => {
      const { ok } = await this.kubectl(['get', 'serviceaccount', 'default', '-n', name]);
      return ok ? true : undefined;
    });
    return name;
  }

  async putSecret(ref: Ref, values: Record<string, string>): Promise<void> {
    const data = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    );
    await this.client.apply(secretType, { metadata: ref, data });
  }

  async putPlatform(
    name: string,
    { isDefault = false, spec = {} }: { isDefault?: boolean; spec?: object } = {},
  ): Promise<StreamingPlatform> {
    const whole = {
      provider: 'origin',
      credentialsRef: { namespace: 'default', name: 'origin' },
      origin: { controlUrl: this.origin.controlUrl },
      ...spec,
    };
    const noted = isDefault ? { [annotations.defaultPlatform]: 'true' } : {};
    await this.client.apply(writtenPlatform, {
      metadata: { name, annotations: noted },
      spec: whole,
    });
    const stored = await this.client.get(streamingPlatformType, { name });
    if (stored === undefined) throw new Error(`no StreamingPlatform ${name}`);
    return stored;
  }

  /** Applies a channel as a user does, by server-side apply. */
  async apply(ref: Ref, spec: object = {}): Promise<LiveChannel> {
    await this.client.apply(writtenChannel, {
      metadata: ref,
      spec: { agora: { credentialsRef: { name: 'agora' } }, ...spec },
    });
    const stored = await this.channel(ref);
    if (stored === undefined) throw new Error(`no LiveChannel ${ref.name}`);
    return stored;
  }

  channel(ref: Ref): Promise<LiveChannel | undefined> {
    return this.client.get(liveChannelType, ref);
  }

  pod({ namespace, name }: Ref, slot = 0): Promise<Pod | undefined> {
    return this.client.get(podType, { namespace, name: relayPodName(name, slot) });
  }

  secret({ namespace, name }: Ref, slot = 0): Promise<Secret | undefined> {
    return this.client.get(secretType, { namespace, name: relaySecretName(name, slot) });
  }

  async events(ref: Ref): Promise<readonly Event[]> {
    const { items } = await this.client.list(eventType, { namespace: ref.namespace });
    return items.filter(
      ({ involvedObject: about }) => about.kind === 'LiveChannel' && about.name === ref.name,
    );
  }

  /** Waits until the channel is as `is` says; the last state is told when it does not come to that. */
  channelIs(
    ref: Ref,
    what: string,
    is: (channel: LiveChannel) => boolean,
    seconds = 20,
  ): Promise<LiveChannel> {
    return eventually(`LiveChannel ${ref.name}: ${what}`, seconds, async () => {
      const channel = await this.channel(ref);
      if (channel !== undefined && is(channel)) return channel;
      throw new Error(JSON.stringify(channel?.status ?? channel));
    });
  }

  onAir(ref: Ref, seconds = 20): Promise<LiveChannel> {
    return this.channelIs(ref, 'on air', ({ status }) => status?.relayStatus === 'active', seconds);
  }

  notReady(ref: Ref, reason: string, seconds = 20): Promise<LiveChannel> {
    const is = (channel: LiveChannel): boolean => {
      const ready = readyOf(channel);
      return ready?.status === 'False' && ready.reason === reason;
    };
    return this.channelIs(ref, `not ready: ${reason}`, is, seconds);
  }

  /** Waits for an event on the channel. */
  event(ref: Ref, type: 'Normal' | 'Warning', reason: string, says = /(?:)/): Promise<Event> {
    return eventually(`event ${reason} on ${ref.name}`, 20, async () => {
      const events = await this.events(ref);
      const found = events.find(
        (event) => event.type === type && event.reason === reason && says.test(event.message),
      );
      if (found === undefined)
        throw new Error(events.map((each) => `${each.type} ${each.reason}`).join(', '));
      return found;
    });
  }

  /** Waits until nothing of the channel is left: not itself, no child, no stream. */
  async gone(ref: Ref, uid: string, seconds = 20): Promise<void> {
    await eventually(`nothing left of ${ref.name}`, seconds, async () => {
      const left = {
        channel: (await this.channel(ref))?.metadata,
        pod: (await this.pod(ref))?.metadata.name,
        secret: (await this.secret(ref))?.metadata.name,
        streams: this.streamsOf(uid),
      };
      if (left.channel ?? left.pod ?? left.secret ?? left.streams[0]) throw new Error(JSON.stringify(left));
      return true;
    });
  }

  /** Ids of the streams on the platform that were made for this channel. */
  streamsOf(channelUid: string): string[] {
    return [...this.origin.streams.values()]
      .filter(({ tags }) => Object.values(tags).includes(channelUid))
      .map(({ id }) => id);
  }
}

export const operatorEnvironment = {
  LIVECHANNEL_RELAY_IMAGE: 'relay:test',
  LIVECHANNEL_HTTP_HOST: '127.0.0.1',
  LIVECHANNEL_HTTP_PORT: '0',
  LIVECHANNEL_LEADER_ELECTION: 'false',
  LIVECHANNEL_PLATFORM_CHECK_SECONDS: '1',
  LIVECHANNEL_DRAIN_SECONDS: '1',
  LIVECHANNEL_CLUSTER_ID: 'cluster-under-test',
};

export function readyOf(
  channel: LiveChannel,
): { status: string; reason: string; message: string } | undefined {
  return channel.status?.conditions?.find(({ type }) => type === 'Ready');
}
