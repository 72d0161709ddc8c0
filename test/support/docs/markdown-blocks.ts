import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

const checkout = resolve(import.meta.dirname, '../../..');

export const readDoc = (name: string): Promise<string> => readFile(resolve(checkout, 'docs', name), 'utf8');

/** What stands between the fences of one language, in the order of the page. */
export function blocksOf(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, each]) => each === language)
    .map(([, , block]) => block ?? '');
}

/** Lines of a shell as it reads them: continued ones joined, comments left out. */
export const commandsOf = (block: string): string[] =>
  block
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#\s.*$/, '').trim())
    .filter((line) => line !== '');
