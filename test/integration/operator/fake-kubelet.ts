import { createServer, type Server } from 'node:http';
import { setInterval as every } from 'node:timers';
import { pino } from 'pino';
import { labels, ports } from '../../../src/api/names.ts';
import type { RelayReport } from '../../../src/api/relay-contract.ts';
import { connect, type KubeClient } from '../../../src/kube/client.ts';
import { systemClock } from '../../../src/kube/clock.ts';
import {
  nodeType,
  podType,
  type ContainerStatus,
  type Node,
  type Pod,
  type PodCondition,
  type PodStatus,
} from '../../../src/kube/core-types.ts';
import { loadCredentials } from '../../../src/kube/credentials.ts';
import { isConflict, isNotFound } from '../../../src/kube/errors.ts';
import { Reflector } from '../../../src/kube/reflector.ts';
import { keyOf, type ObjectRef } from '../../../src/kube/resource.ts';
import { Transport } from '../../../src/kube/transport.ts';

const nodeName = 'stand-in-node';
const containerName = 'relay';
type State = NonNullable<ContainerStatus['state']>;

/** What a pod does once it has a node: its relay answers with this report, or it hangs in this waiting state. */
export type Plan =
  | { readonly kind: 'run'; readonly report: RelayReport }
  | { readonly kind: 'wait'; readonly reason: string; readonly message: string };

interface Running {
  pod: Pod;
  readonly address: string;
  restarts: number;
  lastState: State | undefined;
  server: Server | undefined;
}

/**
 * Stands in for scheduler and kubelet where there is no node: binds relay pods, reports their states to the API
 * server and answers, at an address of their own in 127.0.0.0/8, as their relays would. Relays say what the test
 * wants them to say.
 */
export class FakeKubelet implements AsyncDisposable {
  readonly #client: KubeClient;
  readonly #transport: Transport;
  readonly #stop = new AbortController();
  readonly #plans = new Map<string, Plan>();
  readonly #running = new Map<string, Running>();
  readonly #work = new Map<string, Promise<void>>();
  #reflector: Promise<void> = Promise.resolve();
  #addresses = 0;
  /** While true, pods that are being deleted stay. */
  holdDeletions = false;
  /** What pods do that no plan names. */
  usual: Plan = { kind: 'run', report: live() };

  private constructor(client: KubeClient, transport: Transport) {
    this.#client = client;
    this.#transport = transport;
  }

  static async start(kubeconfigPath: string): Promise<FakeKubelet> {
    const credentials = await loadCredentials({ kubeconfigPath, environment: {} });
    const transport = new Transport({
      credentials,
      clock: systemClock,
      random: Math.random,
      userAgent: 'stand-in-kubelet',
      connections: 4,
    });
    const kubelet = new FakeKubelet(
      await connect({ kubeconfigPath, fieldManager: 'stand-in-kubelet' }),
      transport,
    );
    await kubelet.#begin();
    return kubelet;
  }

  /** From now on the channel's relay says this, and so do its successors. */
  say(channel: ObjectRef, report: RelayReport): void {
    this.plan(channel, { kind: 'run', report });
  }

  /** What the next pods of the channel do; a running relay takes over the report, and its readiness, at once. */
  plan(channel: ObjectRef, plan: Plan): void {
    this.#plans.set(keyOf(channel), plan);
    for (const running of this.#running.values())
      if (running.server !== undefined && this.#channelOf(running.pod) === keyOf(channel))
        this.#enqueue(running.pod, () => this.#patch(running, this.#runningStatus(running)));
  }

  /** The channel's relay works on and does not answer the operator any more. */
  silence(channel: ObjectRef): void {
    for (const { pod, server } of this.#running.values())
      if (this.#channelOf(pod) === keyOf(channel)) {
        server?.closeAllConnections();
        server?.close();
      }
  }

  /** The container ends and is started again, as restartPolicy Always has it. */
  async crash(pod: Pod, ended: { exitCode: number; reason?: string; message?: string }): Promise<void> {
    const running = this.#running.get(pod.metadata.uid);
    if (running === undefined) throw new Error(`pod ${keyOf(pod.metadata)} does not run`);
    running.restarts += 1;
    running.lastState = { terminated: { reason: 'Error', ...ended } };
    await this.#patch(running, this.#runningStatus(running));
  }

  /** The container ends for good, and the pod with it. */
  async fail(pod: Pod, why: { reason: string; message: string }): Promise<void> {
    const running = this.#running.get(pod.metadata.uid);
    if (running === undefined) throw new Error(`pod ${keyOf(pod.metadata)} does not run`);
    running.server?.close();
    await this.#patch(running, { phase: 'Failed', ...why });
  }

  /** Tries again with the pods that hang, as the kubelet does with an image that could not be pulled. */
  async retry(): Promise<void> {
    const hanging = [...this.#running.values()].filter(({ server }) => server === undefined);
    await Promise.all(hanging.map((each) => this.#start(each)));
  }

  /** Pods that are going, and were held, go. */
  async releaseDeletions(): Promise<void> {
    this.holdDeletions = false;
    await Promise.all([...this.#running.values()].map((each) => this.#look(each.pod)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#reflector;
    await Promise.all(this.#work.values());
    for (const { server } of this.#running.values()) {
      server?.closeAllConnections();
      server?.close();
    }
    await Promise.all([this.#client.close(), this.#transport.close()]);
  }

  async #begin(): Promise<void> {
    const { signal } = this.#stop;
    await this.#client.create(nodeType, { metadata: { name: nodeName } });
    await this.#heartbeat();
    const heart = every(() => void this.#heartbeat().catch(() => undefined), 10_000);
    signal.addEventListener('abort', () => {
      clearInterval(heart);
    });
    const reflector = new Reflector(
      podType,
      { labelSelector: labels.channel },
      { client: this.#client, clock: systemClock, random: Math.random, logger: pino({ level: 'silent' }) },
    );
    reflector.subscribe(({ type, object }) => {
      if (type === 'deleted') this.#forget(object.metadata.uid);
      else this.#enqueue(object);
    });
    this.#reflector = reflector.run(signal);
    await reflector.synced();
  }

  /** Without it the controller manager takes the node for lost and evicts what is on it. */
  async #heartbeat(): Promise<void> {
    const time = `${new Date().toISOString().slice(0, 19)}Z`;
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'StandIn',
      message: '',
      lastHeartbeatTime: time,
      lastTransitionTime: time,
    };
    const status: Node['status'] = { conditions: [ready] };
    await this.#client.patchMerge(nodeType, { name: nodeName }, { status }, { subresource: 'status' });
  }

  /** One thing after the other for each pod. */
  #enqueue(pod: Pod, task = (): Promise<void> => this.#look(pod)): void {
    const { uid } = pod.metadata;
    const before = this.#work.get(uid) ?? Promise.resolve();
    const work = before.then(task).catch((error: unknown) => {
      if (!this.#stop.signal.aborted && !isNotFound(error) && !isConflict(error))
        process.stderr.write(`stand-in kubelet: ${String(error)}\n`);
    });
    this.#work.set(uid, work);
  }

  async #look(pod: Pod): Promise<void> {
    const { namespace, name, uid, deletionTimestamp } = pod.metadata;
    const known = this.#running.get(uid);
    if (known !== undefined) known.pod = pod;
    if (deletionTimestamp !== undefined) {
      if (this.holdDeletions) return;
      this.#forget(uid);
      await this.#client.delete(podType, pod.metadata, { uid, gracePeriodSeconds: 0 });
      return;
    }
    if (known !== undefined) return;
    const running: Running = {
      pod,
      address: this.#nextAddress(),
      restarts: 0,
      lastState: undefined,
      server: undefined,
    };
    this.#running.set(uid, running);
    await this.#bind({ namespace, name });
    await this.#start(running);
  }

  async #start(running: Running): Promise<void> {
    const plan = this.#planOf(running.pod);
    if (plan.kind === 'wait') {
      const state = { waiting: { reason: plan.reason, message: plan.message } };
      await this.#patch(running, { phase: 'Pending', containerStatuses: [container(running, state, false)] });
      return;
    }
    running.server = await this.#serve(running);
    await this.#patch(running, this.#runningStatus(running));
  }

  #planOf(pod: Pod): Plan {
    return this.#plans.get(this.#channelOf(pod)) ?? this.usual;
  }

  #channelOf({ metadata }: Pod): string {
    return `${metadata.namespace ?? ''}/${metadata.labels?.[labels.channel] ?? ''}`;
  }

  async #bind({ namespace = '', name }: ObjectRef): Promise<void> {
    await this.#transport.call({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/pods/${name}/binding`,
      what: `bind ${name}`,
      resource: 'pods',
      body: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name },
        target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
      },
      timeoutMs: 10_000,
    });
  }

  /** The relay's GET /status. */
  async #serve(running: Running): Promise<Server> {
    const server = createServer((request, response) => {
      const plan = this.#planOf(running.pod);
      const known = request.url === '/status' && plan.kind === 'run';
      response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
      response.end(known ? JSON.stringify(plan.report) : '{}');
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(ports.http, running.address, resolve);
    });
    return server;
  }

  #runningStatus(running: Running): PodStatus {
    const plan = this.#planOf(running.pod);
    const ready = plan.kind === 'run' && plan.report.state === 'live';
    const condition = (type: string, is: boolean): PodCondition => ({ type, status: is ? 'True' : 'False' });
    return {
      phase: 'Running',
      podIP: running.address,
      hostIP: '127.0.0.1',
      startTime: new Date().toISOString(),
      conditions: [
        condition('PodScheduled', true),
        condition('Initialized', true),
        condition('ContainersReady', ready),
        condition('Ready', ready),
      ],
      containerStatuses: [container(running, { running: { startedAt: new Date().toISOString() } }, ready)],
    };
  }

  async #patch({ pod }: Running, status: PodStatus): Promise<void> {
    const { uid } = pod.metadata;
    const options = { subresource: 'status' } as const;
    await this.#client.patchMerge(podType, pod.metadata, { metadata: { uid }, status }, options);
  }

  #forget(uid: string): void {
    const server = this.#running.get(uid)?.server;
    server?.closeAllConnections();
    server?.close();
    this.#running.delete(uid);
  }

  /** Another one for each pod of this machine's tests: by process, then by pod. */
  #nextAddress(): string {
    this.#addresses += 1;
    const process_ = process.pid % (200 * 250);
    return `127.${String(20 + Math.floor(process_ / 250))}.${String(process_ % 250)}.${String(this.#addresses)}`;
  }
}

function container(running: Running, state: State, ready: boolean): ContainerStatus {
  return {
    name: containerName,
    ready,
    started: state.running !== undefined,
    restartCount: running.restarts,
    image: 'relay',
    imageID: '',
    state,
    lastState: running.lastState ?? {},
  };
}

/** What a relay on air says. */
export function live(difference: Partial<RelayReport> = {}): RelayReport {
  const since = '2026-03-01T12:00:00Z';
  return {
    state: 'live',
    reason: 'Live',
    message: '',
    since,
    mode: 'passthrough',
    host: { uid: 1000, video: true, audio: true },
    liveSince: since,
    lastAcceptedAt: since,
    inBitrateKbps: 800,
    outBitrateKbps: 810,
    frameRate: 15,
    width: 640,
    height: 360,
    keyFrameIntervalSeconds: 2,
    avOffsetMs: 3,
    restarts: {},
    lastError: null,
    health: 'good',
    ...difference,
  };
}

/** What a relay says that has joined and finds nobody. */
export const waitingForHost = live({
  state: 'waiting',
  reason: 'WaitingForHost',
  message: 'Joined; no host publishes video.',
  host: null,
  liveSince: null,
  lastAcceptedAt: null,
});
