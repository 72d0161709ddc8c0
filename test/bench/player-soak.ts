/** make bench-player-soak: see `summary` below. */
import type { CDPSession, Page } from 'puppeteer-core';
import { z } from 'zod';
import { HlsServer } from '../fixtures/hls/hls-server.ts';
import { openChromium } from '../support/browser/chromium.ts';
import { round, slope } from '../support/numbers/statistics.ts';
import { treeFigures } from '../support/processes/process-tree.ts';
import { eventually } from '../support/wait/eventually.ts';
import { observeFor } from '../support/wait/observe-for.ts';
import { openBench } from './lib/bench.ts';
import { collectedHeapMiB } from './lib/collected-heap.ts';
import { fastClock, fastNow } from './lib/fast-clock.ts';
import { markdownTable } from './lib/markdown-table.ts';
import { numberSetting } from './lib/settings.ts';
import { fastPlayback, MOST_SPEED } from './players/fast-playback.ts';
import { buildSoakPage } from './players/pages.ts';
import { soakFaults, SoakShow } from './players/soak-show.ts';

const bench = openBench({
  name: 'player-soak',
  summary:
    'The player for hours in Chromium, shortened by a playlist, a clock and playback that are faster. The stream fails, ' +
    'restarts and migrates in turn; after each round of faults, the heap after a collection, the memory of the browser, ' +
    'the nodes and the listeners of the page are measured.',
  needs: () => ['ffmpeg', 'chromium'],
  settings: {
    HOURS: numberSetting(6, 'hours of the show'),
    SPEED: numberSetting(12, `how many times faster than real time they pass; at most ${String(MOST_SPEED)}`),
    CALM: numberSetting(60, 'seconds of the show between two faults'),
  },
  limitMinutes: ({ HOURS, SPEED }) => 10 + (2 * HOURS * 60) / SPEED,
});
const { HOURS: hours, SPEED: speed, CALM: calmSeconds } = bench.settings;
/** What fills up at the beginning (heap, caches, buffers) is not a leak. */
const WARM_UP_SHARE = 0.2;
/** A player that does not play again within this time of the show has not recovered. */
const RECOVERY_SECONDS = 120;

const figures = {
  heapMiB: 'JavaScript heap, MiB',
  browserMiB: 'all processes of the browser (PSS), MiB',
  nodes: 'DOM nodes',
  listeners: 'listeners',
} as const;
type Figure = keyof typeof figures;
const figureNames = Object.keys(figures) as Figure[]; // the keys of the table above

type Sample = Readonly<Record<Figure, number>> & {
  /** Of the show. */
  readonly hours: number;
};

const seenSchema = z.object({ state: z.string(), position: z.number() });

await bench.run(async () => {
  if (speed > MOST_SPEED) throw new Error(`SPEED must be at most ${String(MOST_SPEED)}`);
  const epoch = Date.now();
  const showSeconds = (): number => ((Date.now() - epoch) * speed) / 1_000;
  await using server = await HlsServer.start(buildSoakPage(), fastNow(speed, epoch));
  const show = new SoakShow(server);
  const browser = await openChromium();
  try {
    const page = await browser.newPage();
    await page.evaluateOnNewDocument(fastClock(speed, epoch));
    await page.evaluateOnNewDocument(fastPlayback(speed));
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(`${server.url}/soak`);
    await untilPlaying(page);
    const session = await page.createCDPSession();
    await session.send('Performance.enable');
    const samples: Sample[] = [];
    const unrecovered: string[] = [];
    let faults = 0;
    while (showSeconds() < hours * 3_600) {
      for (const { name, seconds, begin, end } of soakFaults) {
        await observeFor(calmSeconds / speed);
        begin(show);
        await observeFor(seconds / speed);
        end(show);
        faults += 1;
        await untilPlaying(page).catch(() => unrecovered.push(name));
        server.takeRequests();
      }
      const sample = await measure(session, browser.process()?.pid, showSeconds() / 3_600);
      samples.push(sample);
      bench.report(
        `${String(round(sample.hours, 1))} of ${String(hours)} h, ${String(faults)} faults: ` +
          figureNames.map((name) => `${name} ${String(round(sample[name], 1))}`).join(', '),
      );
    }
    const rows = figureNames.map((name) => rowOf(name, samples));
    print(rows);
    console.log(
      `${String(faults)} faults; not playing ${String(RECOVERY_SECONDS)} s after: ${unrecovered.join(', ') || 'none'}; ` +
        `errors of the page: ${errors.join('; ') || 'none'}.`,
    );
    await bench.write({ hours, speed, faults, unrecovered, errors, rows, samples });
  } finally {
    await browser.close();
  }
});

/** Waits until the show is on the screen, and advances. */
async function untilPlaying(page: Page): Promise<void> {
  let first: number | undefined;
  await eventually('playback', RECOVERY_SECONDS / speed, async () => {
    const { state, position } = seenSchema.parse(
      await page.evaluate(`({
        state: document.querySelector('.lc-player')?.dataset.state ?? '',
        position: [...document.querySelectorAll('video')]
          .find((each) => !each.hidden && each.style.opacity !== '0')?.currentTime ?? 0,
      })`),
    );
    if (state !== 'playing' || (first !== undefined && position < first)) first = undefined;
    else first ??= position;
    return first !== undefined && position - first > 2;
  });
}

async function measure(session: CDPSession, browserPid: number | undefined, at: number): Promise<Sample> {
  const heapMiB = await collectedHeapMiB(session);
  const { metrics } = await session.send('Performance.getMetrics');
  const metric = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? NaN;
  return {
    hours: at,
    heapMiB,
    browserMiB: browserPid === undefined ? NaN : treeFigures([browserPid]).pssMiB,
    nodes: metric('Nodes'),
    listeners: metric('JSEventListeners'),
  };
}

interface Row {
  readonly figure: Figure;
  /** After the warm-up, and at the end. */
  readonly first: number;
  readonly last: number;
  readonly growthPerHour: number;
}

function rowOf(figure: Figure, samples: readonly Sample[]): Row {
  const settled = samples.filter((each) => each.hours >= hours * WARM_UP_SHARE);
  return {
    figure,
    first: round(settled[0]?.[figure] ?? NaN, 2),
    last: round(settled.at(-1)?.[figure] ?? NaN, 2),
    growthPerHour: round(slope(settled.map((each) => [each.hours, each[figure]] as const)), 3),
  };
}

function print(rows: readonly Row[]): void {
  console.log(
    markdownTable(
      [
        'of the player',
        `after ${String(round(hours * WARM_UP_SHARE, 1))} h`,
        `after ${String(hours)} h`,
        'growth an hour',
      ],
      rows.map(({ figure, first, last, growthPerHour }) => [
        figures[figure],
        String(first),
        String(last),
        String(growthPerHour),
      ]),
    ),
  );
}
