import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

const checkout = resolve(import.meta.dirname, '../../..');

export const readDoc = (name: string): Promise<string> => readFile(resolve(checkout, 'docs', name), 'utf8');

/** The contents of the fenced blocks of one language, in the order of the page. */
export function blocksOf(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, each]) => each === language)
    .map(([, , block]) => block ?? '');
}

/** The commands of a shell script: continued lines joined, comments left out. */
export const commandsOf = (block: string): string[] =>
  block
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#\s.*$/, '').trim())
    .filter((line) => line !== '');
