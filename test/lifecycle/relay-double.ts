import type { RelayReport } from '../../src/api/relay-contract.ts';
import { relayConfigSchema, relayExitCodes } from '../../src/api/relay-contract.ts';
import type { Reason } from '../../src/api/reasons.ts';
import { relaySecretKeys } from '../../src/channel/pod/relay-config.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { Pod, Secret } from '../../src/kube/core-types.ts';
import { PublishRefused, type PaperPublisher } from '../fixtures/clouds/paper-media.ts';
import type { Ingests } from './ingests.ts';
import { live, type ContainerHooks, type RelayProgram } from '../support/operator/fake-kubelet.ts';

const connectMs = 500;
const retryMs = 1_000;
/** So often the kubelet brings what changed in a Secret, unless the pod's annotations change. */
const filesMs = 60_000;
/** As the real relay has it: so many refusals in a row are an answer (src/relay/decide.ts). */
const refusalsUntilExit = 3;
/** The kubelet's back-off for a container that ends again and again. */
const crashBackoffMs = 10_000;

export interface RelayDoubleOptions {
  readonly clock: Clock;
  readonly scale: number;
  /** The files that the kubelet would have mounted. */
  readonly secretOf: (pod: Pod) => Promise<Secret | undefined>;
  readonly ingests: Ingests;
}

/**
 * Stands in for a relay: reads its Secret as the real one reads its files, publishes what it finds there on paper,
 * follows another key, comes back when it is cut off, and says how it is.
 */
export class RelayDouble implements RelayProgram {
  readonly #options: RelayDoubleOptions;
  readonly #hooks: ContainerHooks;
  readonly #stop = new AbortController();
  #pod: Pod;
  #look = new AbortController();
  #publishing: { readonly address: string; readonly publisher: PaperPublisher } | undefined;
  #report: RelayReport = notLive('starting', 'RelayStarting', '');
  #refusals = 0;
  /** As its file said when it started, or as it was told since. */
  #standby: boolean | undefined;

  constructor(pod: Pod, hooks: ContainerHooks, options: RelayDoubleOptions) {
    this.#pod = pod;
    this.#hooks = hooks;
    this.#options = options;
    void this.#run();
  }

  report(): RelayReport {
    return this.#report;
  }

  command(to: 'activate' | 'standby'): void {
    this.#standby = to === 'standby';
    this.#look.abort();
  }

  podChanged(pod: Pod): void {
    this.#pod = pod;
    this.#look.abort();
  }

  stop(): void {
    this.#stop.abort();
    this.#look.abort();
    const publishing = this.#publishing;
    this.#publishing = undefined;
    publishing?.publisher.end();
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#stopped()) {
      await clock.sleep(connectMs, this.#stop.signal);
      this.#look = new AbortController();
      const { signal: woken } = this.#look;
      const target = await this.#target();
      if (this.#stopped()) return;
      this.#standby ??= target?.standby;
      if (this.#standby === true) {
        this.#standBy();
        await clock.sleep(filesMs, woken);
        continue;
      }
      if (target !== undefined && target.address !== this.#publishing?.address) {
        const before = this.#publishing;
        this.#publishing = undefined;
        before?.publisher.end();
        if (!this.#publish(target)) return;
      }
      await clock.sleep(this.#publishing === undefined ? retryMs : filesMs, woken);
    }
  }

  #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** false: it exits. */
  #publish({ url, key, takeover, address }: Target): boolean {
    try {
      const app = url.pathname.replaceAll(/^\/+|\/+$/g, '');
      const query = takeover
        ? { priority: String(Math.floor(this.#options.clock.now().getTime() / 1_000)) }
        : {};
      const publishing = {
        address,
        publisher: this.#options.ingests.publish(url.hostname, { app, key, query }),
      };
      this.#publishing = publishing;
      void publishing.publisher.ended.then(() => {
        if (this.#publishing === publishing) this.#cutOff();
      });
      this.#refusals = 0;
      const since = this.#options.clock.now().toISOString();
      this.#say(live({ since, liveSince: since, lastAcceptedAt: since }));
      return true;
    } catch (error) {
      if (!(error instanceof PublishRefused)) throw error;
      this.#refusals += 1;
      const reason = 'IngestRejected';
      const { message } = error;
      if (this.#refusals < refusalsUntilExit) {
        this.#say(notLive('connecting', reason, message));
        return true;
      }
      this.#stop.abort();
      const said = JSON.stringify({ reason, message });
      this.#hooks.exit(
        { exitCode: relayExitCodes.fatal, message: said },
        crashBackoffMs / this.#options.scale,
      );
      return false;
    }
  }

  #standBy(): void {
    const before = this.#publishing;
    this.#publishing = undefined;
    before?.publisher.end();
    this.#say({ ...notLive('waiting', 'NotInUse', 'Standing by.'), standby: true, videoOutput: 'none' });
  }

  #cutOff(): void {
    this.#publishing = undefined;
    this.#say(notLive('connecting', 'IngestUnreachable', 'The ingest closed the connection.'));
    this.#look.abort();
  }

  async #target(): Promise<Target | undefined> {
    const secret = await this.#options.secretOf(this.#pod).catch(() => undefined);
    const value = (name: keyof typeof relaySecretKeys): string | undefined => {
      const encoded = secret?.data?.[relaySecretKeys[name]];
      return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
    };
    const [url, key] = [value('ingestUrl'), value('streamKey')];
    if (url === undefined || key === undefined) return undefined;
    const { ingest, standby } = relayConfigSchema.parse(JSON.parse(value('config') ?? '{}'));
    return {
      url: new URL(url.replace(/^rtmps?:/, 'https:')),
      key,
      takeover: ingest.takeover !== undefined,
      standby,
      address: `${url}${key}`,
    };
  }

  #say(report: RelayReport): void {
    const changed =
      report.state !== this.#report.state ||
      report.reason !== this.#report.reason ||
      report.standby !== this.#report.standby;
    this.#report = report;
    if (changed) this.#hooks.changed();
  }
}

interface Target {
  readonly url: URL;
  readonly key: string;
  readonly takeover: boolean;
  readonly standby: boolean;
  readonly address: string;
}

function notLive(state: RelayReport['state'], reason: Reason, message: string): RelayReport {
  return live({ state, reason, message, liveSince: null, lastAcceptedAt: null, outBitrateKbps: 0 });
}
