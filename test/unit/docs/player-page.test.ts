import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { playerStates } from '../../../src/api/player-states.ts';
import { readDoc } from '../../support/docs/markdown-blocks.ts';

let page: string;
beforeAll(async () => {
  page = await readDoc('build/player.md');
});

const source = (path: string): Promise<string> =>
  readFile(resolve(import.meta.dirname, '../../../src/web/player', path), 'utf8');

const found = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, name = '']) => name);

/** The names in the first column of the table whose header begins with this word. */
function namesIn(header: string): string[] {
  const table = new RegExp(`^\\| ${header} .*?\\n\\n`, 'ms').exec(page)?.[0] ?? '';
  return found(table, /^\| `([\w-]+)` /gm);
}

describe('docs/build/player.md', () => {
  test('has every property of the component', async () => {
    const properties = found(
      (await source('live-channel-hls.tsx')) + (await source('core/player-callbacks.ts')),
      /^ {2}readonly (\w+)\??: /gm,
    );
    expect(namesIn('Property +\\| Type,').toSorted()).toEqual([...new Set(properties)].toSorted());
  });

  test('has every custom property, with the defaults of the style sheets', async () => {
    const sheets = (await source('colors.css')) + (await source('player.css'));
    const [shared = '', own = ''] = found(sheets, /^ {2}(?:\S.* )?\{\n((?: {4}--lc-.*\n)+)/gm);
    const defaults = Object.fromEntries(
      [...(shared + own).matchAll(/(--lc-[\w-]+): (.*);/g)].map(([, name = '', value = '']) => {
        const [, light, dark] = /^light-dark\((.*), ((?:#|rgb).*)\)$/.exec(value) ?? [];
        return [name, light === undefined ? `\`${value}\`` : `\`${light}\` / \`${dark ?? ''}\``];
      }),
    );
    const shown = Object.fromEntries(
      [...page.matchAll(/^\| `(--lc-[\w-]+)` +\| (.*?) +\|/gm)].map(([, name = '', value]) => [name, value]),
    );
    expect(shown).toEqual(defaults);
  });

  test('has every state', () => {
    expect(namesIn('State')).toEqual([...playerStates]);
  });
});
