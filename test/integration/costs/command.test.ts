import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';

const checkout = resolve(import.meta.dirname, '../../..');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-costs-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Runs the program as a user would. */
async function costs(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['src/main.ts', 'costs', ...args], {
    cwd: checkout,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, out, err };
}

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const printed = z.object({
  version: z.string(),
  prices: z.array(
    z.object({
      what: z.string(),
      usd: z.number(),
      region: z.string().nullable(),
      fromHours: z.number().nullable(),
      source: z.string(),
      asOf: z.string(),
    }),
  ),
});

/** The price books in the documentation. */
async function documented(): Promise<readonly string[]> {
  const page = await readFile(join(checkout, 'docs/channels/costs.md'), 'utf8');
  return [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, book = '']) => book);
}

describe('livechannel costs prices', () => {
  test('prints region and step in use for the documented book', async () => {
    const book = (await documented()).find((each) => each.includes('regions:')) ?? '';
    const path = await file('regions.yaml', book);
    const { code, out, err } = await costs('prices', '--json', '--prices', path);
    expect([code, err]).toEqual([0, '']);
    const { version, prices } = printed.parse(JSON.parse(out));
    expect(version).toBe('shop-2');
    const source = `${path}, version shop-2`;
    const viewer = (platform: string) => prices.find(({ what }) => what === `${platform} viewer`);
    expect(viewer('ivs')).toMatchObject({ usd: 0.06, region: 'asia', fromHours: 50_000, source });
    expect(viewer('mux')).toMatchObject({ usd: 0.04, region: null, fromHours: 2_000, source });
    const table = await costs('prices', '--prices', path);
    expect(table.out).toMatch(/^ivs viewer +0\.06 +asia +from 50000 h /m);
  });

  test('accepts every book in the documentation', async () => {
    const books = await documented();
    expect(books.length).toBeGreaterThanOrEqual(2);
    for (const book of books) {
      const { code, err } = await costs('prices', '--prices', await file('shown.yaml', book));
      expect([code, err]).toEqual([0, '']);
    }
  });
});

describe('livechannel costs compare', () => {
  const hours = z.object({
    hours: z.array(z.object({ where: z.string(), viewers: z.int(), usd: z.number(), saved: z.number() })),
  });
  const hour = async (...args: string[]) =>
    hours.parse(JSON.parse((await costs('compare', '--json', ...args)).out)).hours;

  test('prints what the documentation says of an hour with 100 and 1,000 buyers', async () => {
    const page = await readFile(join(checkout, 'docs/channels/costs.md'), 'utf8');
    const rows = [...page.matchAll(/^\| (\d+), (\d+p) +\|(.*)\|$/gm)];
    expect(rows.map(([, buyers]) => buyers)).toEqual(['100', '1000', '100', '1000']);
    for (const [, buyers = '', resolution = '', cells = ''] of rows) {
      const common = ['--viewers', buyers, '--resolution', resolution];
      const cdn = (usd: string) => hour(...common, '--platform', 'origin', '--cdn-usd-per-gb', usd);
      const [agora, ivs, cloudflare, mux] = await hour(...common);
      const [, near] = await cdn('0.02');
      const [, far] = await cdn('0.08');
      const shown = [agora, ivs, cloudflare, mux, near, far].map((each) =>
        each?.where === 'agora'
          ? each.usd.toFixed(2)
          : `${each?.usd.toFixed(2)} (${Math.round((each?.saved ?? NaN) * 100)}%)`,
      );
      expect(cells.split('|').map((cell) => cell.trim())).toEqual(shown);
    }
  });

  test('does not present the origin as free, and refuses what is no number of viewers', async () => {
    const { out } = await costs('compare', '--platform', 'origin', '--viewers', '5');
    expect(out).toMatch(/^5 +origin, without traffic +0\.38 *$/m);
    const { code, err } = await costs('compare', '--viewers', '5,-1');
    expect(code).toBe(2);
    expect(err).toContain('Must be whole numbers');
  });
});

describe('livechannel costs simulate', () => {
  test('calculates with the region’s price', async () => {
    const trace = await file('trace.csv', 'second,viewers\n0,100\n3600,0\n');
    const usd = async (region: string): Promise<number> => {
      const regions = '{asia: 0.1, oceania: 0.2}';
      const book = `version: v\nplatforms: {ivs: {region: ${region}, regions: ${regions}}}\n`;
      const args = ['--platform', 'ivs', '--json', '--prices', await file('book.yaml', book)];
      const { out } = await costs('simulate', trace, ...args);
      const { modes } = z
        .object({ modes: z.array(z.object({ mode: z.string(), usd: z.number() })) })
        .parse(JSON.parse(out));
      return modes.find(({ mode }) => mode === 'hybrid')?.usd ?? NaN;
    };
    expect((await usd('oceania')) - (await usd('asia'))).toBeCloseTo(100 * 0.1, 6);
  });

  test('reports file, field and remedy for an invalid book, and exits with 2', async () => {
    const trace = await file('trace.csv', 'second,viewers\n0,100\n3600,0\n');
    const path = await file('wrong.yaml', 'version: v\nplatforms: {ivs: {region: mars}}\n');
    const { code, out, err } = await costs('simulate', trace, '--prices', path);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(path);
    expect(err).toContain('platforms.ivs.region');
    expect(err).toContain('Known regions: europe, north-america');
  });
});
