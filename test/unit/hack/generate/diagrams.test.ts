import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { costChart } from '../../../../hack/generate/cost-chart.ts';
import { colorsOf, darkColors } from '../../../../hack/generate/diagram-colors.ts';
import { diagramFacts } from '../../../../hack/generate/diagram-facts.ts';
import { diagramFiles, diagramFolder, finished, headerOf } from '../../../../hack/generate/diagrams.ts';

const checkout = resolve(import.meta.dirname, '../../../..');
const folder = join(checkout, diagramFolder);
const svgs = (await readdir(folder)).filter((file) => file.endsWith('.svg')).sort();

test('each source has an SVG, and so has the chart', async () => {
  const sources = (await readdir(folder))
    .filter((file) => file.endsWith('.d2') && !['facts.d2', 'style.d2'].includes(file))
    .map((file) => file.replace(/\.d2$/, '.svg'));
  expect(svgs).toEqual([...sources, 'auto-mode.svg'].sort());
});

describe.each(svgs)('%s', (file) => {
  let svg: string;
  beforeEach(async () => {
    svg = await readFile(join(folder, file), 'utf8');
  });

  test('is small, and has no external references', () => {
    expect(svg.length).toBeLessThan(150_000);
    expect(svg).not.toMatch(/<script|<image|(?:href|src)="http|url\("?http/);
  });

  test('has text that is readable in a page that is 900 px wide', () => {
    const width = Number(/^<svg [^>]*width="(\d+)"/.exec(svg.replaceAll('\n', ' '))?.[1]);
    expect(width).toBeLessThanOrEqual(1_200);
    const sizes = [...svg.matchAll(/font(?:-size)?:\s*(\d+)px/g)].map(([, size]) => Number(size));
    expect(sizes.length).toBeGreaterThan(0);
    // Font sizes in D2's style sheets for Markdown apply to no text here.
    expect(Math.min(...sizes) * Math.min(1, 900 / width)).toBeGreaterThanOrEqual(12);
  });

  test('has a title and a description for screen readers', () => {
    expect(svg).toMatch(/<title>[^<]{10,}<\/title><desc>[^<]{80,}<\/desc>/);
    expect(svg).toMatch(/^<svg [^>]*role="img"/);
  });

  test('has a dark variant of each color that it uses', () => {
    expect(svg).toContain('prefers-color-scheme:dark');
    expect([...colorsOf(svg)].filter((color) => !(color in darkColors))).toEqual([]);
  });

  test('is embedded only under a name in the index', async () => {
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain(`(${file})`);
  });
});

test('every fact from the source code is used in a diagram', async () => {
  const names = [...diagramFacts().matchAll(/^([a-z-]+): /gm)].map(([, name = '']) => name);
  const sources = await Promise.all(
    (await readdir(folder))
      .filter((file) => file.endsWith('.d2'))
      .map((file) => readFile(join(folder, file), 'utf8')),
  );
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !sources.some((source) => source.includes(`\${${name}}`)))).toEqual([]);
});

test('the chart shows the number of viewers from which HLS is cheaper', () => {
  expect(costChart()).toContain('hybrid is cheaper: from 14 viewers');
});

describe('the comment at the head of a source', () => {
  test('contains the title and the description', () => {
    expect(headerOf('a.d2', '# A title\n# First\n# and second.\nvars: {}\n# no part of it\n')).toEqual({
      title: 'A title',
      description: 'First and second.',
    });
  });

  test.each(['a -> b\n', '# A title alone\na -> b\n'])('is required: %j', (source) => {
    expect(() => headerOf('a.d2', source)).toThrow('docs/diagrams/a.d2 must begin with a comment');
  });

  test('is in the drawing, escaped', () => {
    const drawn = '<svg xmlns="x" viewBox="0 0 5 6"><svg class="d2" width="5" height="6"></svg></svg>';
    const svg = finished(drawn, { title: 'a < b', description: 'c & d' });
    expect(svg).toContain('<svg width="5" height="6" role="img" xmlns="x" viewBox="0 0 5 6">');
    expect(svg).toContain('<title>a &lt; b</title><desc>c &amp; d</desc>');
  });
});

describe('in a temporary folder', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'livechannel-diagrams-'));
    await mkdir(join(root, diagramFolder), { recursive: true });
    for (const file of ['style.d2', 'migration-timeline.d2'])
      await copyFile(join(folder, file), join(root, diagramFolder, file));
  });
  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  test('a manually edited SVG is drawn again, with the same result', async () => {
    const name = 'migration-timeline.svg';
    const drawn = await readFile(join(folder, name), 'utf8');
    await writeFile(join(root, diagramFolder, name), drawn.replace('Verify', 'Hope'));
    expect((await diagramFiles(root)).get(`${diagramFolder}/${name}`)).toBe(drawn);
  }, 120_000);
});
