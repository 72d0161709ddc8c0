import { createServer, type Server } from 'node:http';
import { setInterval as every } from 'node:timers';
import { pino } from 'pino';
import { labels, ports } from '../../../src/api/names.ts';
import { relayConfigSchema, type RelayReport } from '../../../src/api/relay-contract.ts';
import { connect, type KubeClient } from '../../../src/kube/client.ts';
import { systemClock } from '../../../src/base/clock.ts';
import {
  nodeType,
  podType,
  secretType,
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
import { aReport } from '../channel/channel-examples.ts';

const nodeName = 'stand-in-node';
const containerName = 'relay';
type State = NonNullable<ContainerStatus['state']>;

/** What a pod does once it has a node: its relay responds with this report, or it stays in this waiting state. */
export type Plan =
  | { readonly kind: 'run'; readonly report: RelayReport }
  | { readonly kind: 'wait'; readonly reason: string; readonly message: string };

/** How a container ended. */
export interface Ended {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}

/** The program in a relay's container, where the report of a plan is not enough. */
export interface RelayProgram {
  /** Response of GET /status. */
  report(): RelayReport;
  /** Handles POST /activate or /standby. */
  command?(to: 'activate' | 'standby', epoch: number | undefined): void;
  /** The pod's object changed: e.g. its annotations, which lead to updated files. */
  podChanged(pod: Pod): void;
  stop(): void;
}

/** What a program reports to the kubelet. */
export interface ContainerHooks {
  /** The report, and possibly the readiness, has changed. */
  changed(): void;
  /** The program exits. The kubelet restarts it after this delay. */
  exit(ended: Ended, restartAfterMs: number): void;
}

export type StartRelay = (pod: Pod, hooks: ContainerHooks) => RelayProgram;

interface Running {
  pod: Pod;
  readonly address: string;
  restarts: number;
  lastState: State | undefined;
  server: Server | undefined;
  /** As its Secret said when the container started, or as the last command said. */
  standby: boolean;
  /** It responds to no request and executes no command. */
  frozen: boolean;
  /** When its server began to listen, as in RelayReport. */
  startedAt: string;
  program: RelayProgram | undefined;
}

/**
 * A fake scheduler and kubelet for tests without nodes: binds relay pods, reports their states to the API server, and
 * responds, at a separate address in 127.0.0.0/8, as their relays would. The test determines what the relays report.
 */
export class FakeKubelet implements AsyncDisposable {
  readonly #client: KubeClient;
  readonly #transport: Transport;
  readonly #stop = new AbortController();
  readonly #plans = new Map<string, Plan>();
  readonly #running = new Map<string, Running>();
  readonly #work = new Map<string, Promise<void>>();
  readonly #startRelay: StartRelay | undefined;
  readonly #addresses = new Addresses();
  #reflector: Promise<void> = Promise.resolve();
  /** While true, pods that are being deleted stay. */
  holdDeletions = false;
  /** What pods without a plan do. */
  usual: Plan = { kind: 'run', report: live() };

  private constructor(client: KubeClient, transport: Transport, startRelay: StartRelay | undefined) {
    this.#client = client;
    this.#transport = transport;
    this.#startRelay = startRelay;
  }

  /** With `startRelay`, relays are these programs, and plans are ignored. */
  static async start(kubeconfigPath: string, startRelay?: StartRelay): Promise<FakeKubelet> {
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
      startRelay,
    );
    await kubelet.#begin();
    return kubelet;
  }

  /** From now on the channel's relay and its successors report this. */
  say(channel: ObjectRef, report: RelayReport): void {
    this.plan(channel, { kind: 'run', report });
  }

  /** What the channel's next pods do; a running relay adopts the report and its readiness immediately. */
  plan(channel: ObjectRef, plan: Plan): void {
    this.#plans.set(keyOf(channel), plan);
    for (const running of this.#running.values())
      if (running.server !== undefined && this.#channelOf(running.pod) === keyOf(channel))
        this.#enqueue(running.pod, () => this.#patch(running, this.#runningStatus(running)));
  }

  /** The channel's relay keeps working but no longer responds to the operator. */
  silence(channel: ObjectRef): void {
    for (const { pod, server } of this.#running.values())
      if (this.#channelOf(pod) === keyOf(channel)) {
        server?.closeAllConnections();
        server?.close();
      }
  }

  /** SIGSTOP, and SIGCONT: a frozen relay keeps its connections and responds on none of them. */
  freeze(pod: Pod, frozen: boolean): void {
    const running = this.#running.get(pod.metadata.uid);
    if (running !== undefined) running.frozen = frozen;
  }

  /** Commands that relays have received, in order: "show-relay-1 activate?epoch=…". */
  readonly commands: string[] = [];

  /** Pods whose relays would push now. */
  pushing(channel: ObjectRef): string[] {
    return [...this.#running.values()]
      .filter(({ pod }) => this.#channelOf(pod) === keyOf(channel))
      .filter(
        (running) =>
          running.server !== undefined && !running.standby && this.#reportOf(running)?.state === 'live',
      )
      .map(({ pod }) => pod.metadata.name)
      .sort();
  }

  /** The container is killed and does not restart before `restart`. */
  async kill(pod: Pod): Promise<{ restart: () => Promise<void> }> {
    const running = this.#running.get(pod.metadata.uid);
    if (running === undefined) throw new Error(`pod ${keyOf(pod.metadata)} is not running`);
    running.server?.closeAllConnections();
    running.server?.close();
    running.server = undefined;
    running.frozen = true; // it no longer responds
    const restart = async (): Promise<void> => {
      running.restarts += 1;
      running.lastState = { terminated: { reason: 'Error', exitCode: 137 } };
      running.frozen = false;
      await this.#begins(running);
      running.server = await this.#serve(running);
      await this.#patch(running, this.#runningStatus(running));
    };
    return { restart };
  }

  /** The container ends and is restarted, as with restartPolicy Always. */
  async crash(pod: Pod, ended: Ended): Promise<void> {
    const running = this.#running.get(pod.metadata.uid);
    if (running === undefined) throw new Error(`pod ${keyOf(pod.metadata)} is not running`);
    running.restarts += 1;
    running.lastState = { terminated: { reason: 'Error', ...ended } };
    await this.#patch(running, this.#runningStatus(running));
  }

  /** The container ends permanently, and the pod with it. */
  async fail(pod: Pod, why: { reason: string; message: string }): Promise<void> {
    const running = this.#running.get(pod.metadata.uid);
    if (running === undefined) throw new Error(`pod ${keyOf(pod.metadata)} is not running`);
    running.server?.close();
    running.program?.stop();
    await this.#patch(running, { phase: 'Failed', ...why });
  }

  /** Retries waiting pods, as the kubelet does with an image that could not be pulled. */
  async retry(): Promise<void> {
    const hanging = [...this.#running.values()].filter(({ server }) => server === undefined);
    await Promise.all(hanging.map((each) => this.#start(each)));
  }

  /** Removes the terminating pods that were held. */
  async releaseDeletions(): Promise<void> {
    this.holdDeletions = false;
    await Promise.all([...this.#running.values()].map((each) => this.#look(each.pod)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#reflector;
    await Promise.all(this.#work.values());
    for (const { server, program } of this.#running.values()) {
      program?.stop();
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

  /** Without it the controller manager marks the node as lost and evicts its pods. */
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

  /** Serializes the work for each pod. */
  #enqueue(pod: Pod, task = (): Promise<void> => this.#look(pod)): void {
    const { uid } = pod.metadata;
    const before = this.#work.get(uid) ?? Promise.resolve();
    const work = before.then(task).catch((error: unknown) => {
      if (!this.#stop.signal.aborted && !isNotFound(error) && !isConflict(error))
        process.stderr.write(`fake kubelet: ${String(error)}\n`);
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
    if (known !== undefined) {
      known.program?.podChanged(pod);
      return;
    }
    const running: Running = {
      pod,
      address: this.#addresses.take(),
      restarts: 0,
      lastState: undefined,
      server: undefined,
      standby: false,
      frozen: false,
      startedAt: new Date().toISOString(),
      program: undefined,
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
    await this.#begins(running);
    running.server = await this.#serve(running);
    this.#run(running);
    await this.#patch(running, this.#runningStatus(running));
  }

  /** A container reads its role from its files. */
  async #begins(running: Running): Promise<void> {
    const volume = running.pod.spec.volumes?.find(({ name }) => name === 'channel');
    const { namespace = '' } = running.pod.metadata;
    const ref = { namespace, name: volume?.secret?.secretName ?? '' };
    const config = (await this.#client.get(secretType, ref))?.data?.['relay.json'];
    running.standby =
      config !== undefined &&
      relayConfigSchema.parse(JSON.parse(Buffer.from(config, 'base64').toString())).standby;
  }

  #run(running: Running): void {
    running.program = this.#startRelay?.(running.pod, {
      changed: () => this.#enqueue(running.pod, () => this.#patchIfThere(running)),
      exit: (ended, restartAfterMs) => {
        running.program = undefined;
        running.lastState = { terminated: { reason: 'Error', ...ended } };
        this.#enqueue(running.pod, () => this.#patchIfThere(running));
        setTimeout(() => {
          this.#enqueue(running.pod, () => this.#restart(running));
        }, restartAfterMs).unref();
      },
    });
  }

  async #restart(running: Running): Promise<void> {
    if (this.#stop.signal.aborted || !this.#running.has(running.pod.metadata.uid)) return;
    running.restarts += 1;
    this.#run(running);
    await this.#patchIfThere(running);
  }

  async #patchIfThere(running: Running): Promise<void> {
    if (!this.#running.has(running.pod.metadata.uid)) return;
    await this.#patch(running, this.#runningStatus(running));
  }

  #planOf(pod: Pod): Plan {
    return this.#plans.get(this.#channelOf(pod)) ?? this.usual;
  }

  /** Undefined while its container is not running. */
  #reportOf({ pod, program, standby, startedAt }: Running): RelayReport | undefined {
    if (this.#startRelay !== undefined) return program?.report();
    const plan = this.#planOf(pod);
    if (plan.kind !== 'run') return undefined;
    if (standby) return { ...standingBy, host: plan.report.host };
    // A relay is not live for longer than it runs.
    return { ...plan.report, liveSince: plan.report.liveSince === null ? null : startedAt };
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
    running.startedAt = new Date().toISOString();
    const server = createServer((request, response) => {
      if (running.frozen) return;
      const [, to, , epoch] = /^\/(activate|standby)(\?epoch=(\d+))?$/.exec(request.url ?? '') ?? [];
      if (request.method === 'POST' && (to === 'activate' || to === 'standby')) {
        if (!/^Bearer \S{20,}$/.test(request.headers.authorization ?? '')) {
          response.writeHead(401).end();
          return;
        }
        this.commands.push(`${running.pod.metadata.name} ${(request.url ?? '').slice(1)}`);
        running.standby = to === 'standby';
        running.program?.command?.(to, epoch === undefined ? undefined : Number(epoch));
        this.#enqueue(running.pod, () => this.#patchIfThere(running));
        response.writeHead(202).end();
        return;
      }
      const report = request.url === '/status' ? this.#reportOf(running) : undefined;
      response.writeHead(report === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(report ?? {}));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(ports.http, running.address, resolve);
    });
    return server;
  }

  #runningStatus(running: Running): PodStatus {
    const report = this.#reportOf(running);
    const ready = report?.state === 'live';
    const state =
      report === undefined
        ? { waiting: { reason: 'CrashLoopBackOff', message: 'back-off restarting failed container' } }
        : { running: { startedAt: new Date().toISOString() } };
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
      containerStatuses: [container(running, state, ready)],
    };
  }

  async #patch({ pod }: Running, status: PodStatus): Promise<void> {
    const { uid } = pod.metadata;
    const options = { subresource: 'status' } as const;
    await this.#client.patchMerge(podType, pod.metadata, { metadata: { uid }, status }, options);
  }

  #forget(uid: string): void {
    const running = this.#running.get(uid);
    if (running === undefined) return;
    this.#running.delete(uid);
    running.program?.stop();
    running.server?.closeAllConnections();
    running.server?.close();
    this.#addresses.giveBack(running.address);
  }
}

/** A different address for each pod of this machine's tests: by process, then by pod; reused as late as possible. */
class Addresses {
  readonly #free: string[];

  constructor() {
    const process_ = process.pid % (200 * 250);
    const network = `127.${String(20 + Math.floor(process_ / 250))}.${String(process_ % 250)}`;
    this.#free = Array.from({ length: 254 }, (_, index) => `${network}.${String(index + 1)}`);
  }

  take(): string {
    const address = this.#free.shift();
    if (address === undefined) throw new Error('there are more pods than the fake kubelet has addresses');
    return address;
  }

  giveBack(address: string): void {
    this.#free.push(address);
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

/** The report of a live relay. */
export function live(difference: Partial<RelayReport> = {}): RelayReport {
  const since = '2026-03-01T12:00:00Z';
  return aReport({ since, liveSince: since, lastAcceptedAt: since, ...difference });
}

/** The report of a standby. */
const standingBy = live({
  state: 'waiting',
  reason: 'NotInUse',
  message: 'Standby: joined, not pushing.',
  standby: true,
  videoOutput: 'none',
  liveSince: null,
  lastAcceptedAt: null,
});

/** The report of a relay that has joined and waits for the host. */
export const waitingForHost = live({
  state: 'waiting',
  reason: 'WaitingForHost',
  message:
    'No host is in Agora channel "show" yet. If the host publishes, compare its channel name, app ID and uid with spec.agora.',
  videoOutput: 'none',
  host: null,
  liveSince: null,
  lastAcceptedAt: null,
});
