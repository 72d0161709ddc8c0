import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { chartValuesSchema } from '../../../hack/generate/chart-values.ts';
import { builtInPrices } from '../../../src/costs/list-prices.ts';
import { parsePrices } from '../../../src/costs/parse-prices.ts';
import { breakEvenViewers, hourlyRates } from '../../../src/costs/viewer-prices.ts';
import { appMigration } from '../../../src/store/app/contract-sql.ts';
import { blocksOf, readDoc } from '../../support/docs/markdown-blocks.ts';
import { checkout } from '../../support/docs/pages.ts';

let page: string;
beforeAll(async () => {
  page = await readDoc('build/integrate.md');
});

/** The block of the page whose first line is a comment with this file. */
function fileOf(language: string, name: string): string {
  const block = blocksOf(page, language).find((each) => /^(?:#|\/\/) ([\w./-]+\w)/.exec(each)?.[1] === name);
  if (block === undefined) throw new Error(`integrate.md has no ${name}`);
  return block;
}

const ivs = (channelType: 'STANDARD' | 'BASIC') => ({ provider: 'ivs', ivs: { channelType } }) as const;

const values = z.record(z.string(), z.json());

/** Values of a file over those of the chart, as Helm merges them. */
function over(base: unknown, file: unknown): unknown {
  const [below, above] = [values.safeParse(base).data, values.safeParse(file).data];
  if (below === undefined || above === undefined) return file;
  const merged = Object.entries(above).map(([name, value]) => [name, over(below[name], value)]);
  return { ...below, ...Object.fromEntries(merged) };
}

/** The lines that are commented out, without their hash; comments behind a value stay. */
const uncommented = (text: string): string => text.replaceAll(/^( *)# (?=[ ]*(?:- |\w+:))/gm, '$1');

async function faultsOf(file: string): Promise<unknown> {
  const chart: unknown = parse(
    await readFile(join(checkout, 'charts/livechannel-operator/values.yaml'), 'utf8'),
  );
  return chartValuesSchema.safeParse(over(chart, parse(file))).error?.issues;
}

test('the files for helm are valid, also with everything that is commented out', async () => {
  const all = uncommented(fileOf('yaml', 'values.yaml'));
  expect(parse(all)).toMatchObject({
    api: {
      // Without the mode of the others, the mode of the chosen is the one that all have.
      defaults: { streamMode: 'agora-only', startOn: 'host', playback: { access: 'signed' } },
      defaultsByLabel: [{ defaults: { streamMode: 'hybrid' } }],
      agoraTokens: { accept: true },
      playbackKeys: [{ secretName: 'livechannel-origin' }],
    },
    database: { existingSecret: 'database-own' },
    recorder: { webhook: { existingSecret: 'livechannel-webhook' } },
  });
  const parts = blocksOf(page, 'yaml').filter((each) => /^# .*, in values\.yaml/.test(each));
  expect(parts).toHaveLength(2);
  for (const file of [fileOf('yaml', 'images.yaml'), fileOf('yaml', 'values.yaml'), all, ...parts])
    expect(await faultsOf(file)).toBeUndefined();
  expect(await faultsOf('origin: { publicUrl: [] }')).toBeDefined();
});

test('the Secrets that the values name are created on the page', () => {
  const created = [...page.matchAll(/create secret generic ([\w-]+)/g)].map(([, name]) => name);
  const named = [...uncommented(fileOf('yaml', 'values.yaml')).matchAll(/[sS]ecret(?:Name)?: ([\w-]+)/g)];
  const byOthers = new Set(['live-tls', 'livechannel-origin', 'ivs']); // cert-manager, the chart, a sample
  expect(
    named.map(([, name = '']) => name).filter((name) => !byOthers.has(name) && !created.includes(name)),
  ).toEqual([]);
  expect(named.length).toBeGreaterThan(4);
});

test('the statements are those that livechannel migrate --sql prints, and the grants of its role', () => {
  expect(blocksOf(page, 'sql')).toEqual([
    expect.stringContaining('is_live'), // the app's own: test/integration/docs/show-state.test.ts
    appMigration('integer'),
    expect.stringMatching(/^create role livechannel .*\bstream_metrics to livechannel;\n$/s),
  ]);
});

test('the prices are a valid book, with a version of its own', () => {
  const block = blocksOf(page, 'yaml').find((each) => each.includes('\nprices:'));
  const { prices } = z.object({ prices: z.json() }).parse(parse(block ?? ''));
  const book = parsePrices(JSON.stringify(prices), 'values.yaml', builtInPrices);
  expect(hourlyRates(book, { platform: ivs('STANDARD'), resolution: '720p' })).toMatchObject({
    hlsViewer: 60_000,
    agoraViewer: 200_000,
  });
});

test('HLS pays from the numbers of buyers on the page', () => {
  const table = /\| Buyers see \|.*?\n\n/s.exec(page)?.[0] ?? '';
  for (const resolution of ['720p', '1080p'] as const) {
    const platforms = [
      ivs('STANDARD'),
      ivs('BASIC'),
      { provider: 'cloudflare' },
      { provider: 'mux' },
    ] as const;
    const viewers = platforms.map((platform) => {
      const rates = hourlyRates(builtInPrices, { platform, resolution });
      return rates && breakEvenViewers(rates);
    });
    expect(table.replaceAll(/ +/g, ' ')).toContain(`| ${resolution} | ${viewers.join(' | ')} |`);
  }
});

test('the WebSocket bridge is that of the sample app', async () => {
  const sample = await readFile(join(checkout, 'examples/live-shop/websocket-bridge.ts'), 'utf8');
  expect(fileOf('ts', 'server/websocket-bridge.ts')).toBe(`// server/websocket-bridge.ts\n${sample}`);
});
