import { RelayProcess, type RelayProcessOptions } from '../relay/relay-process.ts';
import { eventually } from '../wait/eventually.ts';
import { ControlGroup } from '../processes/control-group.ts';
import { openLoop } from '../host/video-loop.ts';
import { processes, treeOf, type ProcessEntry } from '../processes/process-tree.ts';
import { Studio, WatchedIngest } from '../host/studio.ts';
import { ToxicPath } from './toxic-path.ts';

const RELAY_UID = 7;
/** This many consecutive frames from the host mean that it is back. */
const LIVE_PICTURES = 15;

/** One relay between components that can all be made to fail. */
export class FaultStage implements AsyncDisposable {
  readonly studio: Studio;
  readonly ingest: WatchedIngest;
  readonly path: ToxicPath;
  readonly relay: RelayProcess;
  readonly group: ControlGroup | undefined;
  readonly #cleanUp: AsyncDisposableStack;

  private constructor(
    parts: { studio: Studio; ingest: WatchedIngest; path: ToxicPath; relay: RelayProcess },
    group: ControlGroup | undefined,
    cleanUp: AsyncDisposableStack,
  ) {
    this.studio = parts.studio;
    this.ingest = parts.ingest;
    this.path = parts.path;
    this.relay = parts.relay;
    this.group = group;
    this.#cleanUp = cleanUp;
  }

  /** `change`: overrides of the relay's options. */
  static async open(change: Partial<RelayProcessOptions> = {}): Promise<FaultStage> {
    await using cleanUp = new AsyncDisposableStack();
    const studio = cleanUp.use(await Studio.open(await openLoop(360)));
    const ingest = cleanUp.use(await WatchedIngest.open());
    const path = cleanUp.use(await ToxicPath.start(ingest.tap.port));
    const group = ControlGroup.create();
    if (group !== undefined) cleanUp.use(group);
    const relay = cleanUp.use(
      await RelayProcess.start({
        ...studio.membership(RELAY_UID),
        ...ingest.target(path.port),
        // Frames of the host are recognized by their bytes, so a relay that transcodes must return to them soon.
        environment: { LIVECHANNEL_CONGESTION_QUIET_SECONDS: '5' },
        wrap: group === undefined ? undefined : (command, args) => group.wrap(command, args),
        ...change,
      }),
    );
    return new FaultStage({ studio, ingest, path, relay }, group, cleanUp.move());
  }

  get relayUid(): number {
    return RELAY_UID;
  }

  /**
   * Processes that the relay has started but that are no longer its descendants, so that they would never be ended.
   */
  orphans(): ProcessEntry[] {
    const below = new Set(treeOf([this.relay.pid]).map(({ pid }) => pid));
    return this.processes().filter(({ pid }) => !below.has(pid));
  }

  /** The relay and all its descendants; with a control group also reparented processes. */
  processes(): ProcessEntry[] {
    const all = processes();
    const tree = treeOf([this.relay.pid], all);
    const members = new Set([...(this.group?.pids ?? []), ...tree.map(({ pid }) => pid)]);
    return all.filter(({ pid }) => members.has(pid));
  }

  /** Finds a process of the relay by its command line. */
  async process(what: 'ffmpeg' | 'browser' | 'renderer'): Promise<number> {
    const found = (await this.relay.descendants()).find(({ command }) => {
      if (what === 'ffmpeg') return /^[^\0]*ffmpeg\0/.test(command);
      if (!command.includes('chromium')) return false;
      return what === 'renderer' ? command.includes('--type=renderer') : !command.includes('--type=');
    });
    if (found === undefined) throw new Error(`the relay has no process "${what}" at the moment`);
    return found.pid;
  }

  /** Waits until consecutive frames that the host sent after `after` arrive at the ingest. */
  async untilLive(after: number, seconds = 45): Promise<void> {
    try {
      await eventually(`frames from the host arrive at the ingest`, seconds, () => {
        const { frames } = this.studio.publisher;
        const last = this.ingest.tap.media('video').slice(-LIVE_PICTURES);
        return (
          last.length === LIVE_PICTURES &&
          last.every(({ payload, at }) => {
            const frame = at > after ? frames.byBytes(payload, at) : undefined;
            return frame !== undefined && frame.at > after;
          })
        );
      });
    } catch (error) {
      const said = await this.relay.report().catch((problem: unknown) => String(problem));
      throw new Error(
        `${String(error)} Status: ${JSON.stringify(said)}\n${this.relay.output.slice(-4_000)}`,
        { cause: error },
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanUp[Symbol.asyncDispose]();
  }
}
