import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fetchPlaylist } from '../../hack/demo/playback.ts';
import { systemNamespace } from '../../hack/demo/release.ts';
import { sellerTicket } from '../../hack/demo/service.ts';
import type { Audience } from '../support/browser/audience.ts';
import { complaintsOf } from '../support/browser/complaints.ts';
import { PuppeteerViewer } from '../support/browser/puppeteer-viewer.ts';
import type { ClusterStage } from '../support/cluster/cluster-stage.ts';
import type { FrontFaults, PlaylistRequest } from './lib/media-front.ts';
import { eventually } from '../support/wait/eventually.ts';
import { walkControls } from './lib/control-walk.ts';
import { PagesStage } from './lib/pages-stage.ts';
import { emulatePhone, expectFitsPhone, tapMiddle, untilPlayer } from './lib/phone.ts';
import { forwardToService, openWatchedPage, shows } from './lib/watched-page.ts';

/** What each of the browsers complains about, in the order of `Buyers`. */
const problems = ['The video stops or is late', 'The video is blurred', 'The sound is missing or wrong'];
/** The same, as the service counts it. */
const problemKinds = ['lag', 'quality', 'sound'];

/** Hides from a page, before it loads, everything with which a browser can play live video. */
const withoutLiveVideo = `
  for (const name of ['MediaSource', 'ManagedMediaSource', 'WebKitMediaSource']) delete globalThis[name];
  HTMLMediaElement.prototype.canPlayType = () => '';
`;

/** What buyers, a seller and an operator see in their browsers while things happen to a show. */
describe('the pages of the service on a real cluster', () => {
  let show: PagesStage;
  let stage: ClusterStage;
  let audience: Audience;

  beforeAll(async () => {
    show = await PagesStage.open();
    ({ stage } = show);
    audience = await show.buyers.watch(show.embed());
  }, 600_000);
  afterAll(async () => {
    await audience[Symbol.asyncDispose]();
    await show[Symbol.asyncDispose]();
  }, 200_000);

  const scaleHost = (replicas: number): Promise<string> =>
    stage.kubectl.run([
      ...['-n', stage.namespace, 'scale', 'deployment/seller', `--replicas=${String(replicas)}`],
    ]);

  test('buyers see and hear the show, in three browsers', async () => {
    await audience.untilPlaying(90);
    await audience.until('sound', 20, ({ sound }) => sound);
    audience.expectNoFaults();
  }, 150_000);

  test('each control of the player works, and a reported problem arrives at the service', async () => {
    const walks = audience.pages.map((page, index) => walkControls(page, problems[index] ?? ''));
    const offered = await Promise.all(walks);
    expect(offered).toMatchObject([
      { viewer: 'chromium', fullScreen: true, pictureInPicture: true },
      { viewer: 'firefox', fullScreen: true },
      { viewer: 'webkit', fullScreen: true },
    ]);
    for (const kind of problemKinds)
      await eventually(`a complaint about ${kind}`, 20, async () => {
        const labels = { channel: 'show', kind };
        return (await show.sumOfMetric('livechannel_viewer_complaints_total', labels)) === 1;
      });
    await eventually('the players are in the figures of quality', 60, async () => {
      expect(await show.get('/v1/channels/show/qoe')).toMatchObject({ sessions: 3 });
      return true;
    });
    audience.expectNoFaults();
  }, 180_000);

  test('buyers go on watching when the relay is deleted', async () => {
    const before = await stage.relayPod('show');
    await stage.kubectl.run(['-n', stage.namespace, 'delete', 'pod', 'show-relay-0', '--wait=false']);
    await eventually('another relay', 90, async () => {
      const pod = await stage.relayPod('show');
      return pod !== undefined && pod.uid !== before?.uid;
    });
    await stage.untilReady('show', 'True', 'Live', 120);
    await audience.untilPlayingAgain('the relay was deleted', 60);
    audience.expectNoFaults();
  }, 240_000);

  test('buyers see the host again who was away', async () => {
    await scaleHost(0);
    await eventually('the host is away', 60, async () => {
      const { conditions = [] } = await stage.status('show');
      return conditions.some(({ type, status }) => type === 'HostPresent' && status === 'False');
    });
    await scaleHost(1);
    await stage.kubectl.run([
      ...['-n', stage.namespace, 'rollout', 'status', 'deployment/seller', '--timeout=90s'],
    ]);
    await audience.untilPlayingAgain('the host was away', 60);
    audience.expectNoFaults();
  }, 240_000);

  test('buyers read when the show changes over to Agora, and see it again when it is back', async () => {
    await show.change({ streamMode: 'agora-only' });
    await audience.until('Agora', 60, ({ state }) => state === 'use-agora');
    await show.change({ streamMode: 'hybrid' });
    await audience.untilPlayingAgain('Agora', 120);
    audience.expectNoFaults();
  }, 300_000);

  describe('with a ticket', () => {
    beforeAll(async () => {
      await audience[Symbol.asyncDispose]();
      audience = await show.buyers.watch(show.embed(await show.buyerTicket()));
      await audience.untilPlaying(60);
    }, 120_000);

    test.each<[string, FrontFaults]>([
      ['is not found', { playlistStatus: 404 }],
      ['has no content', { playlistStatus: 204 }],
      ['is answered with a server error', { playlistStatus: 503 }],
      ['is a page of a gateway', { garbage: true }],
      ['does not advance', { stale: true }],
    ])(
      'buyers read that the show is interrupted while its playlist %s, and see it again',
      async (what, faults) => {
        show.front.fault(faults);
        await untilInterrupted(audience);
        show.front.fault({});
        await audience.untilPlayingAgain(`the playlist ${what}`, 30);
        audience.expectNoFaults();
      },
      120_000,
    );

    test('buyers read that their network is slow, then that it is cut, and see the show again', async () => {
      show.front.fault({ bytesPerSecond: 6_000 });
      await audience.until(
        'a slow network in words',
        60,
        ({ state, says }) => (state === 'buffering' || state === 'reconnecting') && says !== '',
      );
      show.front.fault({});
      await audience.untilPlayingAgain('a slow network', 30);
      show.front.cut();
      show.service.cut();
      await untilInterrupted(audience);
      show.front.mend();
      show.service.mend();
      await audience.untilPlayingAgain('a cut network', 30);
      audience.expectNoFaults();
    }, 180_000);

    test('buyers see the show again when the origin has restarted', async () => {
      const { hlsPlaybackUrl = '' } = await stage.status('show');
      const origin = ['-l', 'app.kubernetes.io/component=origin'];
      await stage.kubectl.run(['-n', systemNamespace, 'delete', 'pod', ...origin, '--wait=false']);
      await audience.until(
        'an interruption in words',
        60,
        ({ state, says }) => state !== 'playing' && says !== '',
      );
      await eventually('media of the new origin', 120, () => fetchPlaylist(hlsPlaybackUrl));
      await audience.untilPlayingAgain('the origin restarted', 60);
      audience.expectNoFaults();
    }, 240_000);

    test('buyers go on watching while the show migrates to a cloud', async () => {
      await migrate(show, audience, { platform: 'ivs' }, show.cloudsUrl);
    }, 180_000);

    test('buyers go on watching when the show migrates back, to signed addresses', async () => {
      show.front.takeRequests();
      const signed = { platform: 'origin', playback: { access: 'signed' } };
      await migrate(show, audience, signed, `${show.front.url}/signed/`);
    }, 180_000);
  });

  // The signed addresses expire meanwhile, which the last test is about.

  test('a seller sees how the show does, and how many watch', async () => {
    await using watched = await openWatchedPage();
    const ticket = await sellerTicket(show.url, show.apiKey, 'show');
    await watched.page.goto(`${show.url}/seller/show?lang=en#ticket=${ticket}`);
    // Whether it does well depends on the machine: a busy one sends fewer frames.
    for (const text of [/^(Good|Fair|Poor)$/m, /Viewers on HLS\s+[1-9]/, /Bit rate in\s+[\d,]+ kbit\/s/])
      await shows(watched.page, text);
    expect(watched.complaints).toEqual([]);
  }, 120_000);

  test('an operator logs in to the dashboard, and sees the channel, its viewers and its bit rate', async () => {
    await using forwarded = await forwardToService(stage);
    await using watched = await openWatchedPage();
    const { page, complaints } = watched;
    await page.goto(`${forwarded.url}/dashboard/channels/show`);
    await page.waitForSelector('input[name=apiKey]');
    // The answer of a session that is not there yet.
    complaints.length = 0;
    await page.type('input[name=apiKey]', show.apiKey);
    await page.click('button[type=submit]');
    for (const text of [/On air/, /kbit\/s/]) await shows(page, text);
    await page.goto(`${forwarded.url}/dashboard`);
    for (const text of [/show/, /HLS\s+(≥\s+at least\s+)?[1-9]/]) await shows(page, text);
    expect(complaints).toEqual([]);
  }, 180_000);

  test('a buyer with a phone taps to see the controls, and hits them; a seller with a phone, too', async () => {
    await using watched = await openWatchedPage();
    const { page, complaints } = watched;
    await emulatePhone(page);
    await page.goto(show.embed(await show.buyerTicket()));
    await untilPlayer(page, { state: 'playing', idle: 'true' });
    await tapMiddle(page, '.lc-video');
    await untilPlayer(page, { state: 'playing', idle: 'false' });
    await expectFitsPhone(page);
    await tapMiddle(page, 'button[aria-label=More]');
    await shows(page, /Keyboard shortcuts/);
    await expectFitsPhone(page);
    await emulatePhone(page, 'sideways');
    await expectFitsPhone(page);
    await emulatePhone(page);
    const ticket = await sellerTicket(show.url, show.apiKey, 'show');
    await page.goto(`${show.url}/seller/show?lang=en#ticket=${ticket}`);
    await shows(page, /Viewers on HLS\s+[1-9]/);
    await expectFitsPhone(page, 'and scrolls down');
    expect(complaints).toEqual([]);
  }, 90_000);

  test('a buyer without a ticket reads that access could not be confirmed', async () => {
    await using watched = await openWatchedPage();
    await watched.page.goto(show.embed());
    await shows(watched.page, /Access to this show could not be confirmed\.\s+Open the show again/);
    // The browser reports the refusal itself.
    expect(watched.complaints.filter((each) => !each.includes('status of 401'))).toEqual([]);
  }, 60_000);

  test('a browser that cannot play live video says so, and what to do', async () => {
    const address = show.embed(await show.buyerTicket());
    await Promise.all(
      [PuppeteerViewer.chromium(), PuppeteerViewer.firefox()].map(async (opening) => {
        await using viewer = await opening;
        let complaints: readonly string[] = [];
        await using opened = await viewer.open(address, async (page) => {
          complaints = await complaintsOf(page);
          await page.evaluateOnNewDocument(withoutLiveVideo);
        });
        await shows(
          opened.page,
          /This browser cannot play the video\.\s+Open this page in a current version/,
        );
        expect(complaints).toEqual([]);
      }),
    );
  }, 90_000);

  test('signed addresses that have expired are renewed, and buyers watch on', async () => {
    const requests: PlaylistRequest[] = [];
    await eventually('an expired address in each browser', 90, () => {
      requests.push(...show.front.takeRequests());
      return browsersOf(requests.filter(({ status }) => status === 410)).length === 3;
    });
    const before = Math.max(...(await audience.each((page) => page.see())).map(({ clock = 0 }) => clock));
    await audience.until('what was sent afterwards', 30, ({ clock = 0 }) => clock > before + 6_000);
    await audience.untilPlaying(30);
    requests.push(...show.front.takeRequests());
    const expired = new Set(requests.filter(({ status }) => status === 410).map(({ path }) => path));
    expect(browsersOf(requests.filter(({ path }) => expired.has(path)))).toEqual(threeBrowsers);
    expect(browsersOf(requests.filter(({ path, status }) => status === 200 && !expired.has(path)))).toEqual(
      threeBrowsers,
    );
    audience.expectNoFaults();
  }, 180_000);
});

const untilInterrupted = (audience: Audience): Promise<unknown> =>
  audience.until(
    'an interruption in words',
    60,
    ({ state, says }) =>
      state === 'reconnecting' && says.includes('The connection to the show was interrupted.'),
  );

/** Changes the channel, and waits until each buyer plays media whose address begins so. */
async function migrate(
  show: PagesStage,
  audience: Audience,
  change: Readonly<Record<string, unknown>>,
  newMedia: string,
): Promise<void> {
  await audience.each(({ page }) => page.evaluate('performance.clearResourceTimings()'));
  await show.change(change);
  const isLoaded = `performance.getEntriesByType('resource').some(({ name }) => name.startsWith('${newMedia}'))`;
  await audience.each((player) =>
    eventually(`${player.viewer}: media of the new stream`, 90, async () => {
      // Black would be noticed.
      await player.see();
      return (await player.page.evaluate(isLoaded)) === true;
    }),
  );
  await audience.untilPlayingAgain(`a migration by ${JSON.stringify(change)}`, 30);
  audience.expectNoFaults();
}

const threeBrowsers = ['chromium', 'firefox', 'webkit'];

/** The browsers among those that requested something; the operator and the tests do so as well. */
function browsersOf(requests: readonly PlaylistRequest[]): string[] {
  const names = requests
    .map(({ userAgent }) => userAgent)
    .filter((userAgent) => userAgent.startsWith('Mozilla/') && !userAgent.includes('Android'))
    .map((userAgent) =>
      userAgent.includes('Firefox/') ? 'firefox' : userAgent.includes('Chrome/') ? 'chromium' : 'webkit',
    );
  return [...new Set(names)].sort();
}
