import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { D2 } from '@terrastruct/d2';
import { z } from 'zod';
import { costChart } from './cost-chart.ts';
import { darkStyle } from './diagram-colors.ts';
import { diagramFacts } from './diagram-facts.ts';
import type { GeneratedFiles } from './generated-files.ts';
import { escaped } from './xml-text.ts';

export const diagramFolder = 'docs/diagrams';
/** Imported by the diagrams; not diagrams themselves. */
const factsFile = 'facts.d2';
const styleFile = 'style.d2';

const manifest = z
  .object({ devDependencies: z.object({ '@terrastruct/d2': z.string() }) })
  .parse(JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')));

/** The inputs of the drawing beside the sources: with another value, every diagram is drawn again. */
const drawing = {
  renderer: manifest.devDependencies['@terrastruct/d2'],
  options: { themeID: 0, darkThemeID: 200, pad: 12, center: false, noXMLTag: true },
  darkStyle: darkStyle(),
  format: 1,
};

/**
 * docs/diagrams/*.svg from the sources beside them. Drawing takes almost ten seconds, so an SVG is kept if its last
 * line shows that it was drawn from these sources and has not been edited since.
 */
export async function diagramFiles(root: string): Promise<GeneratedFiles> {
  const folder = join(root, diagramFolder);
  const facts = diagramFacts();
  const sources = await readSources(folder, facts);
  const style = sources.get(styleFile) ?? '';
  const files = new Map([
    [`${diagramFolder}/${factsFile}`, facts],
    [`${diagramFolder}/auto-mode.svg`, costChart()],
  ]);
  const stale = new Map<string, string>();
  for (const [file, source] of sources) {
    if (file === factsFile || file === styleFile) continue;
    const name = svgOf(file);
    const inputs = JSON.stringify([drawing, facts, style, source]);
    const present = await readFile(join(folder, name), 'utf8').catch(() => '');
    if (isStamped(present, inputs)) files.set(`${diagramFolder}/${name}`, present);
    else stale.set(file, inputs);
  }
  for (const [file, svg] of await draw(sources, [...stale.keys()]))
    files.set(`${diagramFolder}/${svgOf(file)}`, stamped(svg, stale.get(file) ?? ''));
  return files;
}

const svgOf = (file: string): string => `${basename(file, '.d2')}.svg`;

/** By name, sorted. The facts are those of the source code, not those of the file. */
async function readSources(folder: string, facts: string): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>([[factsFile, facts]]);
  for (const file of (await readdir(folder)).sort())
    if (file.endsWith('.d2') && file !== factsFile)
      sources.set(file, await readFile(join(folder, file), 'utf8'));
  return sources;
}

async function draw(
  sources: ReadonlyMap<string, string>,
  files: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const drawn = new Map<string, string>();
  if (files.length === 0) return drawn;
  const d2 = new D2();
  try {
    for (const file of files) {
      const request = { fs: Object.fromEntries(sources), inputPath: file, options: drawing.options };
      const { diagram, renderOptions } = await d2.compile(request).catch((error: unknown) => {
        throw new Error(`${diagramFolder}/${file} cannot be drawn: ${String(error)}`, { cause: error });
      });
      const svg = await d2.render(diagram, { ...renderOptions, ...drawing.options });
      drawn.set(file, finished(svg, headerOf(file, sources.get(file) ?? '')));
    }
  } finally {
    await d2.worker.terminate();
  }
  return drawn;
}

export interface DiagramHeader {
  readonly title: string;
  readonly description: string;
}

/** The comment at the head of a source: the first line is the title, the other lines are the description. */
export function headerOf(file: string, source: string): DiagramHeader {
  const lines = source.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  const [title = '', ...description] = lines.slice(0, end).map((line) => line.replace(/^#\s*/, ''));
  if (title === '' || description.length === 0)
    throw new Error(`${diagramFolder}/${file} must begin with a comment: the title, then the description.`);
  return { title, description: description.join(' ').trim() };
}

/** Adds title and description for screen readers, the dark colors, and the size: without it, browsers fill the page. */
export function finished(svg: string, { title, description }: DiagramHeader): string {
  const size = /<svg class="[^"]*" width="(\d+)" height="(\d+)"/.exec(svg);
  if (size === null) throw new Error(`The SVG of "${title}" has no size.`);
  const [, width = '', height = ''] = size;
  const [head = ''] = /^<svg [^>]*>/.exec(svg) ?? [];
  const opened = head.replace(/^<svg /, `<svg width="${width}" height="${height}" role="img" `);
  const words = `<title>${escaped(title)}</title><desc>${escaped(description)}</desc>`;
  return svg.replace(head, `${opened}${words}`).replace(/<\/svg>\s*$/, `${darkStyle()}</svg>\n`);
}

const stampPattern = /<!-- drawn from (?<stamp>[0-9a-f]{64}) -->\n$/;

/** The digest covers the inputs and the drawing: neither may change without the other. */
function stamped(svg: string, inputs: string): string {
  return `${svg}<!-- drawn from ${digest(inputs, svg)} -->\n`;
}

function isStamped(svg: string, inputs: string): boolean {
  const stamp = stampPattern.exec(svg)?.groups?.['stamp'];
  return stamp !== undefined && stamp === digest(inputs, svg.replace(stampPattern, ''));
}

function digest(inputs: string, svg: string): string {
  return createHash('sha256').update(inputs).update('\0').update(svg).digest('hex');
}
