import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { blocksOf, readDoc } from '../../support/docs/markdown-blocks.ts';
import { compileErrors, moduleOf, type Module } from './compile-blocks.ts';

/** The client, as the page creates it. */
const live: Module = {
  path: 'live.ts',
  text: `import { createLiveChannelClient } from '@livechannel/client';
    export const live = createLiveChannelClient({ url: '' });`,
};

/** The part of the sample app that a page builds on; the reader copies it. */
const bridge: Module = {
  path: 'server/websocket-bridge.ts',
  text: await readFile(
    resolve(import.meta.dirname, '../../../examples/live-shop/websocket-bridge.ts'),
    'utf8',
  ),
};

/** A module for each row of the table of calls: the call exists and accepts the members in braces. */
function callsOf(page: string): Module[] {
  const table = /^\| Call .*?\n\n/ms.exec(page)?.[0] ?? '';
  const calls = [...table.matchAll(/^\| (`.*?`(?:, `.*?`)*) +\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w.]+)(?: \{(.*?)\})?`/g)].map(([, name = '', members = '']) => ({
      name,
      members,
    })),
  );
  return calls.map(({ name, members }) => {
    const names = members
      .split(', ')
      .map((member) => member.replace('?', ''))
      .filter((member) => /^\w+$/.test(member));
    const input = `inferRouterInputs<AppRouter>${name
      .split('.')
      .map((part) => `['${part}']`)
      .join('')}`;
    const text = `import type { inferRouterInputs } from '@trpc/server';
      import type { AppRouter } from '@livechannel/client';
      import { live } from './live.ts';
      type KeyOf<T> = T extends T ? keyof T : never;
      const names: KeyOf<Exclude<${input}, void>>[] = ${JSON.stringify(names)};
      void [live.${name}, names];`;
    return { path: `call-${name}.ts`, text };
  });
}

test('docs/build/typescript-client.md compiles against the client', async () => {
  const page = await readDoc('build/typescript-client.md');
  const blocks = blocksOf(page, 'ts').map(moduleOf);
  const calls = callsOf(page);
  expect([blocks.length > 8, calls.length > 15]).toEqual([true, true]);
  expect(blocks.filter(({ text }) => text.includes('declare '))).toEqual([]);
  expect(await compileErrors([...blocks, ...calls])).toEqual([]);
}, 120_000);

test.each([
  ['build/integrate.md', 18],
  ['build/agora.md', 3],
  ['build/playback.md', 5],
  ['build/rest-and-trpc.md', 2],
  ['build/errors-and-retries.md', 1],
  ['build/events-and-webhooks.md', 4],
])(
  'the app in docs/%s compiles with only the packages that an app installs',
  async (name, least) => {
    const page = await readDoc(name);
    // test/integration/client/docs.test.ts compiles the hooks of React Query, whose packages are not installed here.
    const blocks = [...blocksOf(page, 'ts'), ...blocksOf(page, 'tsx')].filter(
      (block) => !block.includes('@tanstack/react-query'),
    );
    expect(blocks.length).toBeGreaterThanOrEqual(least);
    expect(blocks.filter((block) => block.includes('declare '))).toEqual([]);
    // Pages that show a part of the app build on the files of the guide.
    const guide = blocksOf(await readDoc('build/integrate.md'), 'ts').map(moduleOf);
    const own = blocks.map(moduleOf);
    const paths = new Set(own.map(({ path }) => path));
    const others = guide.filter(({ path }) => !paths.has(path));
    expect(await compileErrors([...others, bridge, ...own])).toEqual([]);
  },
  120_000,
);

test('an unknown call, member or name in the table is detected', async () => {
  const wrong = callsOf(
    '| Call |\n| `relay.begin {channelId}` | x |\n| `agoraToken {role, channel}` | x |\n\n',
  );
  const blocks = [
    'await live.relay.start.mutate({ channel: 1 });',
    'const { url } = await live.relay.start.mutate({ channelId: 1 });',
  ].map((line, index) => moduleOf(`import { live } from './live.ts';\n${line}`, index));
  const errors = await compileErrors([live, ...blocks, ...wrong]);
  const inFile = (path: string): number => errors.filter((error) => error.startsWith(path)).length;
  expect(
    ['block-1.ts', 'block-2.ts', 'call-relay.begin.ts', 'call-agoraToken.ts'].map((path) => inFile(path) > 0),
  ).toEqual([true, true, true, true]);
}, 120_000);
