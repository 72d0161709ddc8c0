/** make bench-player: see `summary` below. */
import { z } from 'zod';
import { readClock } from '../fixtures/agora/clock-frame.ts';
import { HlsServer } from '../fixtures/hls/hls-server.ts';
import { FRAME_HEIGHT, FRAME_WIDTH } from '../fixtures/hls/page/frame-size.ts';
import { PuppeteerViewer } from '../support/browser/puppeteer-viewer.ts';
import { SeededRandom } from '../support/numbers/seeded-random.ts';
import { percentile, round } from '../support/numbers/statistics.ts';
import { eventually } from '../support/wait/eventually.ts';
import { openBench } from './lib/bench.ts';
import { markdownTable } from './lib/markdown-table.ts';
import { choiceSetting, numberSetting } from './lib/settings.ts';
import { emulate, networkNames, type NetworkName } from './players/networks.ts';
import { buildPlayerPages, playerNames, type PlayerName } from './players/pages.ts';

const browsers = ['chromium', 'firefox'] as const;
type BrowserName = (typeof browsers)[number];

const bench = openBench({
  name: 'player',
  summary:
    'The player beside hls.js alone and in React, media-chrome with hls-video-element, Vidstack and Video.js 8 on the same live stream: ' +
    'time to the first frame, distance to live by the clock in the picture, stalls on three networks, and bytes of JavaScript.',
  needs: () => ['ffmpeg', 'chromium', 'otherBrowsers'],
  settings: {
    STARTS: numberSetting(20, 'starts of each player in each browser, in random order'),
    SECONDS: numberSetting(45, 'seconds of playback on each network'),
    BROWSERS: choiceSetting(browsers, 'browsers'),
    NETWORKS: choiceSetting(networkNames, 'networks, which only Chromium can emulate'),
    SEED: numberSetting(1, 'of the random order'),
  },
  limitMinutes: ({ STARTS, SECONDS, NETWORKS, BROWSERS }) =>
    5 + (BROWSERS.length * STARTS * playerNames.length * 8 + NETWORKS.length * SECONDS * 2) / 60,
});
const {
  STARTS: starts,
  SECONDS: seconds,
  BROWSERS: chosen,
  NETWORKS: chosenNetworks,
  SEED: seed,
} = bench.settings;

const measuredSchema = z.object({
  firstFrameMs: z.number().optional(),
  stalls: z.number(),
  stalledSeconds: z.number(),
  frame: z.array(z.number()),
  scripts: z.array(z.string()),
});
type Measured = z.infer<typeof measuredSchema>;

/** A player in a browser. Stalls and latency are unknown where the network cannot be emulated. */
interface Row {
  readonly player: PlayerName;
  readonly browser: BrowserName;
  readonly startupMsP50: number;
  readonly startupMsP95: number;
  /** Starts that showed no frame within START_SECONDS. */
  readonly failedStarts: number;
  readonly stalls: number | null;
  readonly stalledSeconds: number | null;
  readonly latencySecondsP50: number | null;
  readonly jsKiBGzip: number;
  /** Of these, React, which an app with React has anyway. */
  readonly reactKiBGzip: number;
  readonly networks: Partial<
    Record<NetworkName, { readonly stalls: number; readonly stalledSeconds: number }>
  >;
}

const START_SECONDS = 20;

const pages = await buildPlayerPages();
await bench.run(async () => {
  await using server = await HlsServer.start(Promise.resolve(pages.files));
  const rows: Row[] = [];
  for (const browser of chosen) {
    await using viewer = await (browser === 'chromium'
      ? PuppeteerViewer.chromium()
      : PuppeteerViewer.firefox());
    const startups = await measureStarts(viewer, server, browser);
    const played = browser === 'chromium' ? await measurePlayback(viewer, server) : undefined;
    for (const player of playerNames) {
      const { times, failed, bytes } = startups.get(player) ?? { times: [], failed: 0, bytes: 0 };
      const networks = played?.get(player)?.networks ?? {};
      const sum = (figure: 'stalls' | 'stalledSeconds'): number =>
        Object.values(networks).reduce((all, each) => all + each[figure], 0);
      rows.push({
        player,
        browser,
        startupMsP50: round(percentile(times, 0.5)),
        startupMsP95: round(percentile(times, 0.95)),
        failedStarts: failed,
        stalls: played === undefined ? null : sum('stalls'),
        stalledSeconds: played === undefined ? null : round(sum('stalledSeconds'), 1),
        latencySecondsP50:
          played === undefined ? null : round(percentile(played.get(player)?.latencies ?? [], 0.5), 1),
        jsKiBGzip: round(bytes / 1_024, 1),
        reactKiBGzip: round(pages.reactBytes(player) / 1_024, 1),
        networks,
      });
    }
  }
  print(rows);
  await bench.write({ starts, seconds, rows });
});

interface Starts {
  readonly times: number[];
  failed: number;
  /** Of the scripts that it loaded, after gzip. */
  bytes: number;
}

/** In random order, so that other load on the machine affects all players alike. */
async function measureStarts(
  viewer: PuppeteerViewer,
  server: HlsServer,
  browser: BrowserName,
): Promise<ReadonlyMap<PlayerName, Starts>> {
  const found = new Map(
    playerNames.map((name): [PlayerName, Starts] => [name, { times: [], failed: 0, bytes: 0 }]),
  );
  const order = playerNames.flatMap((player) => Array.from({ length: starts }, () => player));
  const random = new SeededRandom(String(seed));
  const shuffled = order
    .map((player) => ({ player, key: random.next() }))
    .toSorted((one, other) => one.key - other.key);
  for (const [at, { player }] of shuffled.entries()) {
    if (at % 20 === 0) bench.report(`${browser}: start ${String(at + 1)} of ${String(shuffled.length)}`);
    const context = await viewer.browser.createBrowserContext();
    try {
      const page = await context.newPage();
      await page.goto(addressOf(server, player, `start-${String(at)}`));
      const results = found.get(player);
      const measured = await eventually('the first frame', START_SECONDS, async () => {
        const now = measuredSchema.parse(await page.evaluate('measure()'));
        return now.firstFrameMs === undefined ? undefined : now;
      }).catch(() => undefined);
      if (results === undefined) continue;
      if (measured?.firstFrameMs === undefined) results.failed++;
      else {
        results.times.push(measured.firstFrameMs);
        results.bytes = pages.gzipBytes(measured.scripts);
      }
    } finally {
      await context.close();
    }
  }
  return found;
}

interface Played {
  readonly networks: Partial<
    Record<NetworkName, { readonly stalls: number; readonly stalledSeconds: number }>
  >;
  /** On the good network, in seconds. */
  readonly latencies: number[];
}

/** All players at the same time, each with a network of its own. */
async function measurePlayback(
  viewer: PuppeteerViewer,
  server: HlsServer,
): Promise<ReadonlyMap<PlayerName, Played>> {
  const found = new Map(
    playerNames.map((name): [PlayerName, Played] => [name, { networks: {}, latencies: [] }]),
  );
  for (const network of chosenNetworks) {
    bench.report(`${network} network, ${String(seconds)} s`);
    const stream = `on-${network}`;
    server.begin(stream);
    const { startedAt } = server.lifeOf(stream);
    await Promise.all(
      playerNames.map(async (player) => {
        const { page } = await viewer.open(addressOf(server, player, stream, false));
        const look = async (): Promise<Measured> => measuredSchema.parse(await page.evaluate('measure()'));
        await eventually(
          'the first frame',
          START_SECONDS,
          async () => (await look()).firstFrameMs !== undefined,
        );
        const results = found.get(player);
        const watching = network === 'good' ? watchLatency(look, startedAt, seconds) : Promise.resolve([]);
        await emulate(page, network, seconds);
        const { stalls, stalledSeconds } = await look();
        results?.latencies.push(...(await watching));
        if (results !== undefined)
          results.networks[network] = { stalls, stalledSeconds: round(stalledSeconds, 1) };
        await page.close();
      }),
    );
  }
  return found;
}

/** How far the frame on the screen is behind the wall clock by which the stream is produced. */
async function watchLatency(
  look: () => Promise<Measured>,
  startedAt: number,
  length: number,
): Promise<number[]> {
  const latencies: number[] = [];
  const end = performance.now() + (length - 2) * 1_000;
  await eventually(
    'the end of the time',
    length + 10,
    async () => {
      const { frame } = await look();
      const clock = readClock(Uint8Array.from(frame), FRAME_WIDTH, FRAME_HEIGHT);
      if (clock !== undefined) latencies.push((Date.now() - startedAt - clock) / 1_000);
      return performance.now() > end;
    },
    { everyMs: 1_000 },
  );
  return latencies;
}

function addressOf(server: HlsServer, player: PlayerName, stream: string, begin = true): string {
  const src = begin ? server.begin(stream) : `${server.url}/live/${stream}/index.m3u8`;
  return `${server.url}${pages.pathOf(player)}?src=${encodeURIComponent(src)}`;
}

function print(rows: readonly Row[]): void {
  const known = (value: number | null): string => (value === null ? '-' : String(value));
  console.log(
    markdownTable(
      [
        'player',
        'browser',
        'first frame p50, ms',
        'p95, ms',
        'failed',
        'behind live p50, s',
        'stalls',
        'stalled, s',
        'JavaScript, KiB gzip',
        'of it React',
      ],
      rows.map((row) => [
        row.player,
        row.browser,
        String(row.startupMsP50),
        String(row.startupMsP95),
        String(row.failedStarts),
        known(row.latencySecondsP50),
        known(row.stalls),
        known(row.stalledSeconds),
        String(row.jsKiBGzip),
        String(row.reactKiBGzip),
      ]),
    ),
  );
  for (const network of chosenNetworks)
    console.log(
      `${network}: ${rows
        .flatMap(({ player, networks: { [network]: on } }) =>
          on === undefined ? [] : [`${player} ${String(on.stalls)} stalls, ${String(on.stalledSeconds)} s`],
        )
        .join('; ')}`,
    );
}
