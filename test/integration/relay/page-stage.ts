import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { closeChromium, openFirstPage, startChromium } from '../../../src/relay/browser/chromium.ts';
import { PageServer } from '../../../src/relay/browser/page-server.ts';
import type { EncodedFrame } from '../../../src/relay/frame-protocol.ts';
import type {
  Host as FollowedHost,
  JoinSettings,
  PageCommand,
  PageEvent,
  Reception,
} from '../../../src/relay/page-protocol.ts';
import { buildRelayPage } from '../../../src/relay/page/build.ts';
import { relaySettingsSchema } from '../../../src/relay/settings.ts';
import { startEdge, type Edge, type EdgeOptions } from '../../fixtures/agora/edge.ts';
import type { StreamState } from '../../fixtures/agora/edge-state.ts';
import { startHost, type Host, type HostOptions } from '../../fixtures/agora/host.ts';
import { mintToken } from '../../fixtures/agora/token-minter.ts';
import { eventually } from '../../support/wait/eventually.ts';

const app = { appId: 'a'.repeat(32), appCertificate: '0123456789abcdef0123456789abcdef' };
const channel = 'shop';
export const relayUid = 2000;

/** Small, so that several browsers and encoders leave the machine some room. */
const SMALL_PICTURE = { width: 480, height: 270, fps: 15, bitrateKbps: 500 };

export interface ArrivedFrame extends EncodedFrame {
  /** Milliseconds, performance.now(). */
  readonly at: number;
}

export interface PageStageOptions {
  readonly edge?: Partial<EdgeOptions>;
}

/** An edge, and the relay's page in its own browser, without the rest of the relay. */
export class PageStage implements AsyncDisposable {
  readonly edge: Edge;
  /** What came to pass at the edge, in order. */
  readonly edgeEvents: readonly { event: string; fields: Readonly<Record<string, unknown>> }[];
  /** What the page has said and handed over, in order. Empty it to look at what follows. */
  readonly events: PageEvent[] = [];
  readonly frames: ArrivedFrame[] = [];
  /** Pages that have connected. */
  pages = 0;
  #server: PageServer | undefined;
  #browser: Browser | undefined;
  #folder: string;

  private constructor(edge: Edge, edgeEvents: PageStage['edgeEvents'], folder: string) {
    this.edge = edge;
    this.edgeEvents = edgeEvents;
    this.#folder = folder;
  }

  static async open(options: PageStageOptions = {}): Promise<PageStage> {
    const edgeEvents: PageStage['edgeEvents'][number][] = [];
    const log = (event: string, fields: Readonly<Record<string, unknown>>): void => {
      edgeEvents.push({ event, fields });
    };
    const edge = await startEdge({ apps: [app], log, ...options.edge });
    const folder = await mkdtemp(join(tmpdir(), 'livechannel-page-'));
    const stage = new PageStage(edge, edgeEvents, folder);
    try {
      await stage.#start();
      return stage;
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
  }

  get server(): PageServer {
    if (this.#server === undefined) throw new Error('the page server is not started');
    return this.#server;
  }

  /** Joins as the relay does; `settings` may change what it joins with. */
  join(settings: Partial<JoinSettings> = {}): void {
    this.send({
      type: 'join',
      settings: {
        appId: app.appId,
        channelName: channel,
        uid: relayUid,
        token: this.token(),
        hostUid: undefined,
        accessPoints: { hosts: ['127.0.0.1'], domain: 'localhost', port: this.edge.port },
        timeoutMs: 10_000,
        keyframeIntervalMs: 2_000,
        ...settings,
      },
    });
  }

  send(command: PageCommand): void {
    if (!this.server.send(command)) throw new Error('no page is connected');
  }

  token(lifetimeSeconds = 3_600): string {
    return mintToken(app, { channel, uid: relayUid, role: 'audience', lifetimeSeconds });
  }

  /** A seller in a browser of its own. */
  async host(options: Partial<HostOptions> & { readonly uid: number }): Promise<Host> {
    const accessPoints = { hosts: ['127.0.0.1'], domain: 'localhost', port: this.edge.port };
    return startHost({ app, channel, accessPoints, pins: [this.edge.pin], ...SMALL_PICTURE, ...options });
  }

  /** The UDP port for a seller without a browser. */
  async plainPublisher(uid: number): Promise<{ ip: string; port: number }> {
    return { ip: this.edge.ip, port: await this.edge.addPublisher({ channel, uid }) };
  }

  /** A host's stream as the edge sees it; undefined while it is not published. */
  stream(uid: number, kind: 'audio' | 'video' = 'video'): StreamState | undefined {
    const users = this.edge.state().channels.find(({ name }) => name === channel)?.users ?? [];
    return users.find((user) => user.uid === uid)?.streams.find((stream) => stream.kind === kind);
  }

  /** What the page said last. */
  get followed(): FollowedHost | null | undefined {
    return this.events.findLast((event) => event.type === 'host')?.host;
  }

  get reception(): Reception | undefined {
    return this.events.findLast((event) => event.type === 'heartbeat')?.reception;
  }

  get keyframes(): readonly ArrivedFrame[] {
    return this.frames.filter(({ key }) => key);
  }

  /** Waits until pictures and sound have come anew, beginning with a keyframe. */
  async mediaArrives(seconds = 20): Promise<void> {
    this.frames.length = 0;
    await eventually('a keyframe, more pictures and sound have come', seconds, () => {
      const first = this.frames.findIndex(({ key }) => key);
      const since = first < 0 ? [] : this.frames.slice(first);
      const pictures = since.filter(({ kind }) => kind === 'video').length;
      return pictures > 10 && since.length - pictures > 20;
    }).catch((error: unknown) => {
      throw new Error(`The page said: ${JSON.stringify(this.events.slice(-10))}`, { cause: error });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#browser !== undefined) await closeChromium(this.#browser);
    await this.#server?.[Symbol.asyncDispose]();
    await this.edge.stop();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #start(): Promise<void> {
    await buildRelayPage(join(this.#folder, 'page'));
    this.#server = await PageServer.start({
      directory: join(this.#folder, 'page'),
      onPage: () => (this.pages += 1),
      onEvent: (event) => this.events.push(event),
      onFrame: (frame) => this.frames.push({ ...frame, at: performance.now() }),
    });
    this.#browser = await startChromium({
      binary: relaySettingsSchema.parse({}).LIVECHANNEL_CHROMIUM,
      extraArguments: [],
      certificatePins: [this.edge.pin],
      profiles: this.#folder,
    });
    await openFirstPage(this.#browser, this.#server.pageUrl);
    await eventually('the page is connected', 10, () => this.pages > 0);
  }
}
