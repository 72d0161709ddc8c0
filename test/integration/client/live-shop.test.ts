import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { EventSource } from 'eventsource';
import { ApiProblem } from '../../../src/server/problems.ts';
import { InstalledApp, type Outcome } from '../../support/client/installed-app.ts';
import { channelOnAir } from '../../support/server/recording-services.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { agoraChannel, ShopStage } from './shop-stage.ts';

// npm installs packages, Vite builds the pages, and PostgreSQL and Chromium start.
jest.setTimeout(300_000);

/** examples/live-shop with the packed packages, and all that it calls. */
let app: InstalledApp;
let built: Outcome;
let stage: ShopStage;
let url: string;

beforeAll(async () => {
  app = await InstalledApp.ofExample('examples/live-shop');
  built = await app.runScript('build');
  stage = await ShopStage.open(app);
  ({ url } = stage);
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await app[Symbol.asyncDispose]();
});

const input = encodeURIComponent(JSON.stringify({ channelId: '4711' }));
async function call(method: 'GET' | 'POST', procedure: string, user?: string): Promise<unknown> {
  const response = await fetch(
    method === 'GET' ? `${url}/trpc/${procedure}?input=${input}` : `${url}/trpc/${procedure}`,
    {
      method,
      headers: {
        'content-type': 'application/json',
        ...(user === undefined ? {} : { cookie: `user=${user}` }),
      },
      ...(method === 'GET' ? {} : { body: JSON.stringify({ channelId: '4711' }) }),
    },
  );
  return response.json();
}

describe('the sample app', () => {
  test('lets the seller start, and a buyer watch', async () => {
    expect(await call('POST', 'relay.start', 'seller-4711')).toEqual({
      result: { data: { success: true, playbackUrl: channelOnAir.playbackUrl } },
    });
    expect(await call('GET', 'streaming.getPlaybackUrl', 'buyer-1')).toEqual({
      result: { data: { hlsUrl: stage.playbackUrl, latency: 9 } },
    });
    expect(await call('POST', 'relay.stop', 'buyer-1')).toMatchObject({
      error: { data: { code: 'FORBIDDEN' } },
    });
    expect(await call('GET', 'relay.status')).toMatchObject({ error: { data: { code: 'UNAUTHORIZED' } } });
  });

  test("reads what is on air from the app's own table", async () => {
    expect(await call('GET', 'shows.onAir', 'buyer-1')).toMatchObject({
      result: { data: [{ id: '4711', streamMode: 'hybrid', relayStatus: 'active' }] },
    });
  });

  test('passes events on to the page of a buyer', async () => {
    const events = new EventSource(`${url}/trpc/events?input=${input}`, {
      fetch: (address, init) =>
        fetch(address, { ...init, headers: { ...init.headers, cookie: 'user=buyer-1' } }),
    });
    const received: unknown[] = [];
    events.addEventListener('message', ({ data }: { data: string }) => received.push(JSON.parse(data)));
    try {
      await eventually('the first event', 15, () => received.length > 0);
    } finally {
      events.close();
    }
    expect(received).toMatchObject([{ type: 'snapshot', channel: { relay: { status: 'active' } } }]);
  });

  test('creates tickets for buyers, and those of a seller for the seller alone', async () => {
    expect(await call('POST', 'tickets.buyer', 'buyer-1')).toMatchObject({
      result: { data: { role: 'buyer', channelId: '4711' } },
    });
    expect(await call('POST', 'tickets.seller', 'seller-4711')).toMatchObject({
      result: { data: { role: 'seller', channelId: '4711' } },
    });
    for (const procedure of ['tickets.seller', 'agora.hostToken'])
      expect(await call('POST', procedure, 'seller-4712')).toMatchObject({
        error: { data: { code: 'FORBIDDEN' } },
      });
    expect(await call('POST', 'tickets.buyer')).toMatchObject({ error: { data: { code: 'UNAUTHORIZED' } } });
  });

  test('serves its pages, and nothing else', async () => {
    for (const path of ['/', '/show/4711', '/sell/4711']) {
      const response = await fetch(url + path);
      const type = response.headers.get('content-type');
      expect([path, response.status, type]).toEqual([path, 200, 'text/html; charset=utf-8']);
      expect(await response.text()).toContain('/assets/');
    }
    for (const path of ['/settings.ts', '/server/main.ts', '/assets/', '/show/'])
      expect([path, (await fetch(url + path)).status]).toEqual([path, 404]);
  });

  test('compiles, and builds without a warning', async () => {
    expect(await app.runScript('check')).toMatchObject({ code: 0 });
    expect(built).toMatchObject({
      code: 0,
      text: expect.not.stringMatching(/warning|\[(?!PLUGIN_TIMINGS)[A-Z_]{5,}\]/),
    });
  });
});

const ofRole =
  (role: string) =>
  (_channelId: unknown, request: unknown): boolean =>
    (request as { role: string }).role === role;

describe('the pages of the sample app', () => {
  test('a buyer chooses a show from the list and watches it, on Agora while the channel is there', async () => {
    await using seller = await stage.visit('seller-4711', '/sell/4711');
    await seller.untilShown('Your show goes out well.');
    await seller.press('Go live');
    await seller.untilShown('You are on camera.');
    expect(stage.calls('startRelay')).toBeGreaterThan(0);

    await using buyer = await stage.visit('buyer-1', '/');
    await buyer.untilShown('Channel 4711');
    await Promise.all([buyer.page.waitForNavigation(), buyer.page.click('.shows a')]);
    await buyer.untilPlaying('.lc-player video');
    expect(stage.calls('createTicket', ofRole('buyer'))).toBeGreaterThan(0);

    stage.sendToAgora();
    await buyer.untilPlaying('.agora video');
    expect(await buyer.page.$('.lc-player')).toBeNull();
    expect(hostStreams()).toEqual(['audio', 'video h264']);

    stage.change({});
    await eventually('HLS again', 60, async () => (await buyer.watching()) === 'hls');
    await buyer.untilPlaying('.lc-player video');
    expect(await buyer.page.$('.agora')).toBeNull();

    const stops = stage.calls('stopRelay');
    await seller.press('End the show');
    await seller.untilShown('You are not on camera.');
    expect(stage.calls('stopRelay')).toBe(stops + 1);
    await eventually('the host has left', 20, () => hostStreams().length === 0);
    expect({ buyer: buyer.complaints, seller: seller.complaints }).toEqual({ buyer: [], seller: [] });
  });

  test('HLS plays on while Agora does not play', async () => {
    await using buyer = await stage.visit('buyer-2', '/show/4711');
    await buyer.untilPlaying('.lc-player video');
    stage.sendToAgora(); // where no host is now
    await eventually(
      'the buyer is with Agora',
      30,
      () => stage.calls('agoraToken', (_id, request) => (request as { role: string }).role === 'viewer') > 1,
    );
    await buyer.untilPlaying('.lc-player video');
    expect(await buyer.watching()).toBe('to-agora');
    expect(buyer.complaints).toEqual([]);
    stage.change({});
  });

  test('the player gets another ticket of the back end when its own has expired', async () => {
    await using buyer = await stage.visit('buyer-3', '/show/4711');
    await buyer.untilPlaying('.lc-player video');
    const tickets = stage.calls('createTicket', ofRole('buyer'));
    const reports = stage.calls('reportQoe');
    stage.tickets.expire();
    await eventually(
      'a quality report with another ticket',
      60,
      () => stage.calls('createTicket', ofRole('buyer')) > tickets && stage.calls('reportQoe') > reports,
    );
    await buyer.untilPlaying('.lc-player video');
    // The browser itself writes the refusal of the first ticket.
    expect(buyer.complaints.filter((each) => !each.includes('401'))).toEqual([]);
  });

  test('a seller previews the show, and changes where buyers watch', async () => {
    await using seller = await stage.visit('seller-4711', '/sell/4711');
    await seller.press('Show preview');
    await seller.untilPlaying('.seller > :last-child video');
    await seller.press('Use Agora');
    await seller.press('Change to Agora');
    await eventually('the change', 20, () => stage.calls('changeChannel') === 1);
    expect(seller.complaints).toEqual([]);
  });

  test('a seller reads why a show cannot begin, and the camera stays off', async () => {
    const { services } = stage.service;
    const { agoraToken } = services;
    services.agoraToken = async () => {
      throw new ApiProblem('agora-not-set-up', 'The service issues no Agora tokens.');
    };
    await using seller = await stage.visit('seller-4711', '/sell/4711');
    await seller.press('Go live');
    await seller.untilShown('The service issues no Agora tokens.');
    services.agoraToken = agoraToken;
    await seller.untilShown('Your show is still on air, without a camera.');
    expect(await seller.page.$('.picture video')).toBeNull();
    // The browser itself writes the refusal.
    expect(seller.complaints.filter((each) => !/agora\.hostToken|status of \d/.test(each))).toEqual([]);
  });

  test('a seller does not see the page of another', async () => {
    await using seller = await stage.visit('seller-4712', '/sell/4711');
    await seller.untilShown("Channel 4711 is another seller's.");
    expect(seller.complaints).toEqual([]);
  });
});

/** What the edge has of the host. */
const hostStreams = (): string[] =>
  stage.edge
    .state()
    .channels.filter(({ name }) => name === agoraChannel)
    .flatMap(({ users }) => users.filter(({ role }) => role === 'host'))
    .flatMap(({ streams }) =>
      streams.map(({ kind, codec }) => (kind === 'video' ? `video ${codec ?? ''}` : kind)),
    )
    .toSorted();
