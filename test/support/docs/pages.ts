import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

export const checkout = resolve(import.meta.dirname, '../../..');

/** A Markdown page of the project; `path` is relative to the checkout. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

const withoutPages = new Set(['node_modules', 'dist', 'bench-results', 'coverage']);

/** Paths below `folder` of the checkout, of all files that end as asked; hidden folders are left out. */
export async function filesBelow(folder: string, ending: string): Promise<string[]> {
  const entries = await readdir(resolve(checkout, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.') && !withoutPages.has(name))
      .map(async (entry) => {
        const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) return await filesBelow(path, ending);
        return entry.name.endsWith(ending) ? [path] : [];
      }),
  );
  return found.flat().sort();
}

export async function pagesBelow(folder: string): Promise<Page[]> {
  const paths = await filesBelow(folder, '.md');
  return await Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(resolve(checkout, path), 'utf8') })),
  );
}

/** Everything that is not between fences. */
export const proseOf = (markdown: string): string => markdown.replaceAll(/^( *)```.*?^\1```$/gms, '');

/** What stands in single backticks, outside of fences. */
export const codeSpansOf = (markdown: string): string[] =>
  [...proseOf(markdown).matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? '');
