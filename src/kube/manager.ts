import type { KubeClient } from './client.ts';
import { whenAborted } from '../base/abort.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import { Controller, type ControllerOptions } from './controller.ts';
import { EventRecorder } from './events.ts';
import { LeaderElector, type LeaderElectionOptions } from './leader-election.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeMetrics } from './metrics.ts';
import { ProbeServer, type Check, type ProbeOptions } from './probes.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';
import type { KubeObject, ResourceType } from './resource.ts';

export interface ManagerOptions {
  readonly client: KubeClient;
  readonly logger: Logger;
  /** The program's name; the source of its events. */
  readonly component: string;
  /** Which instance of the program, e.g. the pod's name. */
  readonly instance?: string | undefined;
  /** Without it, this process always leads. */
  readonly leaderElection?: LeaderElectionOptions | undefined;
  readonly metrics?: KubeMetrics | undefined;
  /** Where to serve /healthz, /readyz and /metrics. Without it, there is no server. */
  readonly http?: ProbeOptions | undefined;
  /** How long running reconciles and background tasks may take to end. Default 20 s. */
  readonly shutdownTimeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: (() => number) | undefined;
}

/** Work of the program besides its controllers. */
export interface BackgroundTask {
  readonly name: string;
  /** If true, it runs only while this process leads. */
  readonly needsLeadership: boolean;
  /** Runs until the signal aborts. If it throws, the whole program ends with that error. */
  run(signal: AbortSignal): Promise<void>;
}

/** How long to wait after `kill` for code that ignores its signal. */
const KILL_GRACE_MS = 2_000;

/**
 * Runs the parts of one program: one reflector for each kind, which syncs before leadership is acquired, so that a
 * standby's cache is warm at a failover; controllers that work only while this process leads; an orderly shutdown.
 * @example
 * const manager = new Manager({ client, logger, component: 'widget-operator' });
 * const widgets = manager.reflector(widgetType);
 * manager.controller({ name: 'widget', watches: [watchFor(widgets)], reconcile });
 * await manager.run(terminationSignal());
 */
export class Manager {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly #options: ManagerOptions;
  readonly #random: () => number;
  readonly #reflectors = new Map<
    string,
    { readonly name: string; hasSynced: boolean; run(signal: AbortSignal): Promise<void> }
  >();
  readonly #controllers: Controller[] = [];
  readonly #background: BackgroundTask[] = [];
  readonly #health = new Map<string, Check>();
  readonly #ready = new Map<string, Check>();
  readonly #elector: LeaderElector | undefined;
  #running = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.client = options.client;
    this.clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    const { client, logger, component, instance, leaderElection, metrics } = options;
    const context = { client, clock: this.clock, random: this.#random, logger };
    this.events = new EventRecorder({ ...context, component, instance });
    if (leaderElection !== undefined) {
      const observer = { leading: (is: boolean) => metrics?.leading(leaderElection.leaseName, is) };
      const elector = new LeaderElector(leaderElection, { ...context, observer });
      metrics?.leading(leaderElection.leaseName, false);
      this.#elector = elector;
      this.#health.set('leader-election', () =>
        elector.healthy ? undefined : 'the lease is not being renewed',
      );
    }
    this.#ready.set('stores', () => {
      const empty = [...this.#reflectors.values()]
        .filter(({ hasSynced }) => !hasSynced)
        .map(({ name }) => name);
      return empty.length === 0 ? undefined : `not yet filled: ${empty.join(', ')}`;
    });
  }

  get isLeader(): boolean {
    return this.#elector?.isLeader ?? this.#running;
  }

  /**
   * Creates a store that follows the cluster. Create it once for each kind and selection, and share it.
   * @throws Error if there is one already, or if the manager runs
   */
  reflector<T extends KubeObject>(type: ResourceType<T>, options: ReflectorOptions<T> = {}): Reflector<T> {
    this.#assertNotRunning();
    const { namespace = '', labelSelector = '', fieldSelector = '' } = options;
    const key = [type.apiVersion, type.kind, namespace, labelSelector, fieldSelector].join('|');
    if (this.#reflectors.has(key)) throw new Error(`there is already a reflector for ${key}: share it`);
    const { client, logger, metrics } = this.#options;
    const observer = metrics?.reflector(type.kind);
    const reflector = new Reflector(type, options, {
      client,
      clock: this.clock,
      random: this.#random,
      logger,
      observer,
    });
    this.#reflectors.set(key, {
      name: type.kind,
      get hasSynced() {
        return reflector.hasSynced;
      },
      run: (signal) => reflector.run(signal),
    });
    return reflector;
  }

  /** @throws Error if there is a controller of this name already, or if the manager runs */
  controller(options: ControllerOptions): Controller {
    this.#assertNotRunning();
    if (this.#controllers.some(({ name }) => name === options.name))
      throw new Error(`there is already a controller "${options.name}"`);
    const { logger, metrics } = this.#options;
    const observer = metrics?.controller(options.name);
    const controller = new Controller(options, { clock: this.clock, random: this.#random, logger, observer });
    this.#controllers.push(controller);
    metrics?.watchController(controller);
    this.#health.set(`controller ${options.name}`, () =>
      controller.healthy ? undefined : 'some workers have ended',
    );
    return controller;
  }

  /** @throws Error if the manager runs */
  background(task: BackgroundTask): void {
    this.#assertNotRunning();
    this.#background.push(task);
  }

  /** Adds a check to /healthz. */
  onHealth(name: string, check: Check): void {
    this.#health.set(name, check);
  }

  /** Adds a check to /readyz. */
  onReady(name: string, check: Check): void {
    this.#ready.set(name, check);
  }

  /**
   * Runs until `signal` aborts, then shuts down in order: controllers, events, Lease, stores.
   * @throws LeadershipLostError if leadership was lost: exit the process, so that none of its code continues to act
   */
  async run(signal: AbortSignal): Promise<void> {
    this.#assertNotRunning();
    this.#running = true;
    const { http, logger } = this.#options;
    const server = http === undefined ? undefined : new ProbeServer(http, this.#health, this.#ready);
    const stop = new AbortController(); // No new work is started.
    const end = new AbortController(); // Everything must end.
    const onSignal = (): void => {
      stop.abort(signal.reason);
    };
    if (signal.aborted) onSignal();
    signal.addEventListener('abort', onSignal, { once: true });
    const reflectors = [...this.#reflectors.values()].map((each) => each.run(end.signal));
    try {
      const address = await server?.start();
      logger.info(
        { port: address?.port, controllers: this.#controllers.map(({ name }) => name) },
        'manager started',
      );
      const free = this.#background.filter(({ needsLeadership }) => !needsLeadership);
      await this.#together(
        [(kill) => this.#lead(stop, kill), ...free.map((task) => () => task.run(stop.signal))],
        stop,
        end,
      );
    } finally {
      end.abort();
      signal.removeEventListener('abort', onSignal);
      await Promise.all(reflectors);
      await server?.stop();
      this.#running = false;
      logger.info({}, 'manager stopped');
    }
  }

  async #lead(stop: AbortController, end: AbortSignal): Promise<void> {
    const lead = async (lost: AbortSignal): Promise<void> => {
      const kill = AbortSignal.any([lost, end]);
      const onLost = (): void => {
        stop.abort(lost.reason);
      };
      lost.addEventListener('abort', onLost, { once: true });
      const bound = this.#background.filter(({ needsLeadership }) => needsLeadership);
      const work = [
        whenAborted(stop.signal),
        ...this.#controllers.map((each) => each.run(stop.signal, kill)),
        ...bound.map((task) => task.run(stop.signal)),
      ];
      await this.#unlessKilled(Promise.all(work), kill);
      lost.removeEventListener('abort', onLost);
      // Sent before the Lease is released: what a leader did is reported before the next leader continues.
      await this.events.stop(AbortSignal.timeout(3_000));
    };
    await (this.#elector === undefined
      ? lead(new AbortController().signal)
      : this.#elector.run(lead, stop.signal));
  }

  /** Runs all tasks. The first that fails stops the others; all have `shutdownTimeoutMs` to end. */
  async #together(
    tasks: readonly ((kill: AbortSignal) => Promise<void>)[],
    stop: AbortController,
    end: AbortController,
  ): Promise<void> {
    const done = new AbortController();
    const deadline = async (): Promise<void> => {
      await Promise.race([whenAborted(stop.signal), whenAborted(done.signal)]);
      await this.clock.sleep(this.#options.shutdownTimeoutMs ?? 20_000, done.signal);
      if (done.signal.aborted) return;
      this.#options.logger.warn({}, 'shutdown timed out; aborting what is running');
      end.abort();
    };
    void deadline();
    const running = tasks.map((task) =>
      task(end.signal).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      }),
    );
    try {
      const results = await this.#unlessKilled(Promise.allSettled(running), end.signal);
      for (const result of results ?? []) if (result.status === 'rejected') throw result.reason;
    } finally {
      done.abort();
    }
  }

  /** Resolves to the result of `work`, or to undefined KILL_GRACE_MS after `kill` aborts. */
  async #unlessKilled<R>(work: Promise<R>, kill: AbortSignal): Promise<R | undefined> {
    const over = new AbortController();
    const later = async (): Promise<undefined> => {
      await Promise.race([whenAborted(kill), whenAborted(over.signal)]);
      await this.clock.sleep(KILL_GRACE_MS, over.signal);
      return undefined;
    };
    try {
      return await Promise.race([work, later()]);
    } finally {
      over.abort();
    }
  }

  #assertNotRunning(): void {
    if (this.#running) throw new Error('the manager is running: set it up before run()');
  }
}
