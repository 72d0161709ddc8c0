/** make bench-dashboard: see `summary` below. */
import type { Browser, Page } from 'puppeteer-core';
import { z } from 'zod';
import { openChromium } from '../support/browser/chromium.ts';
import { percentile, round } from '../support/numbers/statistics.ts';
import { observeFor } from '../support/wait/observe-for.ts';
import { BusyService } from './dashboards/busy-service.ts';
import { buildPages } from './dashboards/pages.ts';
import { openBench } from './lib/bench.ts';
import { collectedHeapMiB } from './lib/collected-heap.ts';
import { fastClock } from './lib/fast-clock.ts';
import { markdownTable } from './lib/markdown-table.ts';
import { numberSetting } from './lib/settings.ts';

const bench = openBench({
  name: 'dashboard',
  summary:
    'The built dashboard with many channels beside a plain React table of the same events: frames while events arrive and ' +
    'while scrolling, time to filter, memory by a fast clock, bytes of the first load; and its charts beside React with SVG.',
  needs: () => ['chromium'],
  settings: {
    CHANNELS: numberSetting(500, 'channels on air'),
    POINTS: numberSetting(10_000, 'points of each of the two lines of a chart'),
    ROUNDS: numberSetting(3, 'rounds, in which the pages take turns, so that other load affects both'),
    SECONDS: numberSetting(5, 'seconds of each measurement of frames in a round'),
    TIMES: numberSetting(10, 'filters, and updates of a chart, in a round'),
    MINUTES: numberSetting(30, 'minutes of events for the measurement of memory'),
    SPEED: numberSetting(20, 'how many times faster than real time these minutes pass'),
  },
  limitMinutes: ({ ROUNDS, SECONDS, MINUTES, SPEED }) =>
    5 + (ROUNDS * (SECONDS * 4 + 60)) / 60 + (2 * MINUTES) / SPEED,
});
const { CHANNELS, POINTS, ROUNDS, SECONDS, TIMES, MINUTES, SPEED } = bench.settings;

const pages = { dashboard: '/dashboard', 'plain React': '/naive' } as const;
type PageName = keyof typeof pages;
const pageNames = Object.keys(pages) as PageName[]; // the keys of the table above
const charts = { dashboard: 'ours', 'plain React': 'svg' } as const;

/** Milliseconds, unless the name says otherwise. */
interface Row {
  readonly page: PageName;
  readonly firstLoadKiBGzip: number;
  readonly eventFrameP50: number;
  readonly eventFrameP95: number;
  readonly scrollFrameP50: number;
  readonly scrollFrameP95: number;
  readonly filterP50: number;
  readonly filterP95: number;
  readonly chartUpdateP50: number;
  readonly chartUpdateP95: number;
  /** Of the heap after a collection: after a tenth of the time, and at its end. */
  readonly heapMiBFirst: number;
  readonly heapMiBLast: number;
}

const times = z.array(z.number()).min(1);

await bench.run(async () => {
  const built = await buildPages();
  const browser = await openChromium();
  try {
    const measured = new Map(pageNames.map((name) => [name, noTimes()]));
    for (let turn = 1; turn <= ROUNDS; turn += 1)
      for (const [name, found] of measured) {
        bench.report(`round ${String(turn)} of ${String(ROUNDS)}: ${name}`);
        await measureFrames(browser, name, built.files, found);
        found.charts.push(...(await measureCharts(browser, name, built.files)));
      }
    const rows: Row[] = [];
    for (const [name, found] of measured) {
      const heap = await measureMemory(browser, name, built.files);
      const bytes = name === 'dashboard' ? built.firstLoadBytes.ours : built.firstLoadBytes.naive;
      rows.push({
        page: name,
        firstLoadKiBGzip: round(bytes / 1_024, 1),
        ...figuresOf(found),
        heapMiBFirst: round(heap.first, 1),
        heapMiBLast: round(heap.last, 1),
      });
    }
    print(rows);
    await bench.write({ channels: CHANNELS, points: POINTS, minutes: MINUTES, speed: SPEED, rows });
  } finally {
    await browser.close();
  }
});

type Files = Awaited<ReturnType<typeof buildPages>>['files'];

/** Opens a page with all channels in its table. */
async function openPage(browser: Browser, service: BusyService, name: PageName): Promise<Page> {
  const page = await browser.newPage();
  await page.setViewport({ width: 1_280, height: 900 });
  await page.goto(service.url + pages[name]);
  await page.waitForFunction(
    `document.querySelector('[role=table]')?.getAttribute('aria-rowcount') === '${String(CHANNELS + 1)}'`,
  );
  return page;
}

/** All times of a page, in milliseconds. */
interface Times {
  readonly events: number[];
  readonly scroll: number[];
  readonly filters: number[];
  readonly charts: number[];
}

function noTimes(): Times {
  return { events: [], scroll: [], filters: [], charts: [] };
}

function figuresOf({ events, scroll, filters, charts: updates }: Times) {
  const figure = (values: readonly number[], part: number): number => round(percentile(values, part), 1);
  return {
    eventFrameP50: figure(events, 0.5),
    eventFrameP95: figure(events, 0.95),
    scrollFrameP50: figure(scroll, 0.5),
    scrollFrameP95: figure(scroll, 0.95),
    filterP50: figure(filters, 0.5),
    filterP95: figure(filters, 0.95),
    chartUpdateP50: figure(updates, 0.5),
    chartUpdateP95: figure(updates, 0.95),
  };
}

async function measureFrames(
  browser: Browser,
  name: PageName,
  files: Files,
  { events, scroll, filters }: Times,
): Promise<void> {
  await using service = await BusyService.open(files, { channels: CHANNELS, speed: 1 });
  const page = await openPage(browser, service, name);
  events.push(...times.parse(await page.evaluate(`measures.frames(${String(SECONDS)})`)));
  scroll.push(...times.parse(await page.evaluate(`measures.scroll('.table', ${String(SECONDS)})`)));
  for (let count = 0; count < TIMES; count += 1) {
    // "show-N" alone matches, and its numbers with one more digit or two.
    const wanted = `show-${String(count + 10)}`;
    const rows = matches(wanted);
    const filter = async (text: string, expected: number): Promise<number> =>
      z
        .number()
        .parse(
          await page.evaluate(
            `measures.filter('input[type=search]', ${JSON.stringify(text)}, ${String(expected)})`,
          ),
        );
    filters.push(await filter(wanted, rows));
    await filter('', CHANNELS);
  }
  await page.close();
}

/** Channels whose id contains the text. */
function matches(text: string): number {
  return Array.from({ length: CHANNELS }, (_, index) => `show-${String(index)}`).filter((id) =>
    id.includes(text),
  ).length;
}

/** The charts alone, because no range of the dashboard has so many points. */
async function measureCharts(browser: Browser, name: PageName, files: Files): Promise<readonly number[]> {
  await using service = await BusyService.open(files, { channels: 1, speed: 1 });
  const page = await browser.newPage();
  await page.setViewport({ width: 1_280, height: 900 });
  await page.goto(`${service.url}/charts`);
  const found = times.parse(
    await page.evaluate(`updates('${charts[name]}', ${String(POINTS)}, ${String(TIMES)})`),
  );
  await page.close();
  return found;
}

async function measureMemory(
  browser: Browser,
  name: PageName,
  files: Files,
): Promise<{ readonly first: number; readonly last: number }> {
  bench.report(`${name}: memory over ${String(MINUTES)} min of events, ${String(SPEED)} times as fast`);
  await using service = await BusyService.open(files, { channels: CHANNELS, speed: SPEED });
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(fastClock(SPEED, Date.now()));
  await page.setViewport({ width: 1_280, height: 900 });
  await page.goto(service.url + pages[name]);
  await page.waitForSelector('.body-row');
  const session = await page.createCDPSession();
  const seconds = (MINUTES * 60) / SPEED;
  await observeFor(seconds / 10);
  const first = await collectedHeapMiB(session);
  await observeFor((seconds * 9) / 10);
  const last = await collectedHeapMiB(session);
  await page.close();
  return { first, last };
}

function print(rows: readonly Row[]): void {
  const both = (a: number, b: number): string => `${String(a)} / ${String(b)}`;
  console.log(
    markdownTable(
      [
        'page',
        'first load, KiB gzip',
        'frame with events p50 / p95, ms',
        'scrolling',
        'filter',
        `2 x ${String(POINTS)} points`,
        `heap after ${String(MINUTES / 10)} / ${String(MINUTES)} min, MiB`,
      ],
      rows.map((row) => [
        row.page,
        String(row.firstLoadKiBGzip),
        both(row.eventFrameP50, row.eventFrameP95),
        both(row.scrollFrameP50, row.scrollFrameP95),
        both(row.filterP50, row.filterP95),
        both(row.chartUpdateP50, row.chartUpdateP95),
        both(row.heapMiBFirst, row.heapMiBLast),
      ]),
    ),
  );
}
