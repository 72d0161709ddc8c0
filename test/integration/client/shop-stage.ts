import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { Browser } from 'puppeteer-core';
import { Client } from 'pg';
import type { ChannelView } from '../../../src/server/contract/channel-view.ts';
import { startEdge, type Edge } from '../../fixtures/agora/edge.ts';
import { mintToken } from '../../fixtures/agora/token-minter.ts';
import { HlsServer } from '../../fixtures/hls/hls-server.ts';
import { migrated } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { openChromium } from '../../support/browser/chromium.ts';
import { end, type InstalledApp } from '../../support/client/installed-app.ts';
import { documentedPolicy } from '../../support/docs/documented-policy.ts';
import { firstOfFreePorts } from '../../support/origin/free-ports.ts';
import { AppStage } from '../../support/server/app-stage.ts';
import { channelOnAir, relayOnAir } from '../../support/server/recording-services.ts';
import { putOnAir } from '../../support/server/show-on-air.ts';
import { ShopPage } from './shop-page.ts';
import { ShopTickets } from './shop-tickets.ts';

/** Agora's own names lead to the edge, because the pages know no other Agora. An edge has its address in its name. */
const agoraRules = (port: number): string =>
  [
    ...['*.edge.agora.io', '*.edge.sd-rtn.com'].map((name) => `MAP ${name} 127.0.0.1`),
    ...['*.agora.io', '*.sd-rtn.com'].map((name) => `MAP ${name} 127.0.0.1:${String(port)}`),
  ].join(',');

const agoraApp = { appId: 'a'.repeat(32), appCertificate: '0123456789abcdef0123456789abcdef' };
export const agoraChannel = 'live_4711';

/**
 * The back end of the sample shop, with all that it and its pages call: the service, a database, a local HLS stream, a local
 * Agora edge under Agora's own names, and Chromium with a camera that draws its video.
 */
export class ShopStage implements AsyncDisposable {
  readonly service: AppStage;
  readonly tickets: ShopTickets;
  readonly edge: Edge;
  readonly url: string;
  readonly #browser: Browser;
  readonly playbackUrl: string;
  /** The Content-Security-Policy of the pages, as docs/build/player.md shows it for a site with Agora. */
  readonly #policy: string;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: Pick<ShopStage, 'service' | 'tickets' | 'edge' | 'url'>,
    browser: Browser,
    media: { readonly playbackUrl: string; readonly policy: string },
    resources: AsyncDisposableStack,
  ) {
    this.service = parts.service;
    this.tickets = parts.tickets;
    this.edge = parts.edge;
    this.url = parts.url;
    this.#browser = browser;
    this.playbackUrl = media.playbackUrl;
    this.#policy = media.policy;
    this.#resources = resources;
  }

  /** `app`: with its pages built. */
  static async open(app: InstalledApp): Promise<ShopStage> {
    await using resources = new AsyncDisposableStack();
    const postgres = resources.use(await TestPostgres.start());
    const media = resources.use(await HlsServer.start(Promise.resolve(new Map())));
    const edge = resources.use(await startEdge({ apps: [agoraApp] }));
    await prepare(postgres.url);
    const playbackUrl = media.begin('show');
    const port = await firstOfFreePorts(1);
    const url = `http://localhost:${String(port)}`;
    const tickets = new ShopTickets();
    const service = resources.use(await serve(url, playbackUrl, tickets));
    const address = service.app.server.address() as AddressInfo; // a TCP server that is listening
    const serviceUrl = `http://127.0.0.1:${String(address.port)}`;
    const policy = await documentedPolicy('components-with-agora', {
      'https://live.example.com': serviceUrl,
      'https://media.example.com': media.url,
    });
    const server = app.start('server/main.ts', {
      LIVECHANNEL_URL: serviceUrl,
      LIVECHANNEL_API_KEY: 'operate',
      DATABASE_URL: postgres.url,
      PORT: String(port),
    });
    resources.defer(() => end(server));
    await firstLine(server);
    const browser = await openChromium([
      ...['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
      `--host-resolver-rules=${agoraRules(edge.port)}`,
      `--ignore-certificate-errors-spki-list=${edge.pin}`,
    ]);
    resources.defer(() => browser.close());
    return new ShopStage({ service, tickets, edge, url }, browser, { playbackUrl, policy }, resources.move());
  }

  /** A page in a browser of its own, whose user has logged in. */
  async visit(user: string, path: string): Promise<ShopPage> {
    const context = await this.#browser.createBrowserContext();
    const page = await ShopPage.open(context, this.url + path, this.#policy);
    await page.logIn(user);
    return page;
  }

  /** The channel changes, and subscribers hear of it. */
  change(changes: Partial<ChannelView>): void {
    const channel = { ...channelOnAir, playbackUrl: this.playbackUrl, ...changes };
    const { services } = this.service;
    services.channel = async () => ({ value: channel, etag: '"2"' });
    // Those who subscribe later receive the present state at first, as from the real service.
    services.past.fill({ type: 'snapshot', id: '1', channel });
    services.tell({ type: 'status', id: String(services.past.length + 1), channel });
  }

  /** All viewers are to go to Agora now, as after a budget is spent. */
  sendToAgora(): void {
    const { services } = this.service;
    const id = String(services.past.length + 1);
    services.tell({
      ...{ type: 'mode', id, channelId: '4711', mode: 'agora-only' },
      ...{ at: new Date().toISOString(), message: 'Viewers watch on Agora.' },
    });
    this.change({
      effectiveStreamMode: 'agora-only',
      relay: { ...relayOnAir, status: 'stopped', isActive: false },
    });
  }

  /** The number of calls of an operation, or of those that fit. */
  calls(operation: string, fits: (...given: readonly unknown[]) => boolean = () => true): number {
    const { asked } = this.service.services;
    return asked.filter(([name, ...given]) => name === operation && fits(...given)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources[Symbol.asyncDispose]();
  }
}

/** The service with a channel on air, and tickets that it accepts. */
async function serve(shop: string, playbackUrl: string, tickets: ShopTickets): Promise<AppStage> {
  const service = await AppStage.start(
    { LIVECHANNEL_API_CORS_ORIGINS: [shop] },
    { authenticate: tickets.authenticate },
  );
  const { services } = service;
  putOnAir(services, playbackUrl);
  const { createTicket, agoraToken } = services;
  services.createTicket = async (...given) => {
    await createTicket(...given); // records the call
    const [, id, request] = given;
    return await tickets.create(id, request);
  };
  services.agoraToken = async (...given) => {
    const [, , { role, uid }] = given;
    const order = { channel: agoraChannel, uid, lifetimeSeconds: 3_600 };
    const token = mintToken(agoraApp, { ...order, role: role === 'host' ? 'host' : 'audience' });
    return { ...(await agoraToken(...given)), appId: agoraApp.appId, channelName: agoraChannel, uid, token };
  };
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  return service;
}

async function firstLine(server: ChildProcess): Promise<void> {
  if (server.stdout === null) throw new Error('the app has no output');
  await once(createInterface({ input: server.stdout }), 'line');
}

/** The app's table with a row, the columns of the operator, and what the operator writes for a channel on air. */
async function prepare(databaseUrl: string): Promise<void> {
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    await database.query('create table channels (id serial primary key, title text)');
    await database.query("insert into channels (id, title) values (4711, 'Shoes'), (4712, 'Hats')");
    await migrated(databaseUrl);
    await database.query(
      "update channels set relay_status = 'active', stream_mode = 'hybrid', relay_started_at = now() where id = 4711",
    );
  } finally {
    await database.end();
  }
}
