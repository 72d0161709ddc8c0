import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseAllDocuments, visit, isScalar, LineCounter } from 'yaml';
import { checkout, filesBelow } from '../../support/docs/pages.ts';

/** A line that people read, and where it stands. Code in it is blanked. */
export interface ProseLine {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** Everything that the project says to people, line by line. */
export async function allProse(): Promise<ProseLine[]> {
  const read = async (path: string): Promise<string> => await readFile(resolve(checkout, path), 'utf8');
  const each = async (
    paths: readonly string[],
    linesOf: (path: string, text: string) => ProseLine[],
  ): Promise<ProseLine[]> =>
    (await Promise.all(paths.map(async (path) => linesOf(path, await read(path))))).flat();

  const pages = await filesBelow('.', '.md');
  const chart = 'charts/livechannel-operator';
  return [
    ...(await each(
      pages.filter((path) => !path.startsWith('test/')),
      markdownLines,
    )),
    ...(await each(['docs/reference/openapi.json'], jsonLines)),
    ...(await each(await filesBelow('crds', '.yaml'), yamlDescriptions)),
    ...(await each([`${chart}/values.schema.json`], jsonLines)),
    ...(await each([`${chart}/values.yaml`, ...(await filesBelow('manifests/samples', '.yaml'))], comments)),
    ...(await each([`${chart}/templates/NOTES.txt`], plainLines)),
  ];
}

const withoutSpans = (text: string): string =>
  text.replaceAll(/`[^`]*`/g, (span) => ' '.repeat(span.length)).replaceAll(/\]\([^)]*\)/g, ']');

/** Markdown without fences, indented code, code spans, comments and the addresses of links. */
export function markdownLines(path: string, text: string): ProseLine[] {
  const blank = (block: string): string => block.replaceAll(/[^\n]/g, ' ');
  const prose = text
    .replaceAll(/^( *)(```|~~~)[\s\S]*?^\1\2/gm, blank)
    .replaceAll(/<!--[\s\S]*?-->/g, blank)
    .replaceAll(/(?<=\n\n)(( {4}.*\n)|\n)+/g, blank)
    .replaceAll(/`[^`]+`/g, blank);
  return plainLines(path, prose);
}

export function plainLines(path: string, text: string): ProseLine[] {
  return text.split('\n').map((line, index) => ({ path, line: index + 1, text: withoutSpans(line) }));
}

/** The comments of a YAML file, and no values. */
function comments(path: string, text: string): ProseLine[] {
  return plainLines(path, text).flatMap((each) => {
    const comment = /(?:^|\s)#(.*)$/.exec(each.text)?.[1];
    return comment === undefined ? [] : [{ ...each, text: comment }];
  });
}

const readByPeople = /^\s*"(description|title|summary)": "(.*)",?$/;

function jsonLines(path: string, text: string): ProseLine[] {
  return text.split('\n').flatMap((line, index) => {
    const prose = readByPeople.exec(line)?.[2];
    return prose === undefined ? [] : [{ path, line: index + 1, text: withoutSpans(prose) }];
  });
}

function yamlDescriptions(path: string, text: string): ProseLine[] {
  const lines: ProseLine[] = [];
  const counter = new LineCounter();
  for (const document of parseAllDocuments(text, { lineCounter: counter }))
    visit(document, {
      Pair(_, { key, value }) {
        if (!isScalar(key) || key.value !== 'description' || !isScalar(value)) return;
        if (typeof value.value !== 'string') return;
        const { line } = counter.linePos(value.range?.[0] ?? 0);
        lines.push({ path, line, text: withoutSpans(value.value) });
      },
    });
  return lines;
}
