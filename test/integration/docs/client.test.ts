import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { blocksOf, readDoc } from '../../unit/docs/markdown-blocks.ts';

const checkout = resolve(import.meta.dirname, '../../..');

/** What the page leaves to the app that reads it, and the client of its first block. */
const givens = `
  import type { LiveChannelClient } from 'livechannel-operator/client';
  declare global {
    const live: LiveChannelClient;
    const player: { moveTo(mode: 'agora-only' | 'hybrid' | 'hls-only', at: Date): void };
    function show(channel: { readonly playbackUrl?: string | null | undefined }): void;
    function retryIn(seconds: number): void;
  }`;

/** What tsc has against these modules of an app, one line each. */
async function faultsOf(modules: readonly string[]): Promise<string[]> {
  // Inside of the checkout: there are the packages that the blocks import.
  await mkdir(join(checkout, '.local'), { recursive: true });
  const folder = await mkdtemp(join(checkout, '.local/docs-client-'));
  try {
    const config = {
      extends: '../../tsconfig.json',
      compilerOptions: {
        lib: ['es2024', 'esnext.disposable', 'dom'],
        noUnusedLocals: false,
        noUnusedParameters: false,
      },
      include: ['*.ts'],
      exclude: [],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    await writeFile(join(folder, 'givens.ts'), givens);
    for (const [index, module] of modules.entries())
      await writeFile(join(folder, `block-${String(index + 1)}.ts`), `${module}\nexport {};\n`);
    const said = await new Promise<string>((done) => {
      const tsc = join(checkout, 'node_modules/typescript/bin/tsc');
      execFile(
        process.execPath,
        [tsc, '--pretty', 'false', '-p', '.'],
        { cwd: folder },
        (_error, stdout, stderr) => {
          done(stdout + stderr);
        },
      );
    });
    return said.split('\n').filter((line) => line !== '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A module for each row of the table of calls: the call is there, and takes what stands in braces. */
function callsOf(page: string): string[] {
  const table = /^\| call .*?\n\n/ms.exec(page)?.[0] ?? '';
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
    return `import type { inferRouterInputs } from '@trpc/server';
      import type { AppRouter } from 'livechannel-operator/client';
      type KeyOf<T> = T extends T ? keyof T : never;
      const names: KeyOf<Exclude<${input}, void>>[] = ${JSON.stringify(names)};
      void [live.${name}, names];`;
  });
}

test('what docs/client.md shows compiles against the client', async () => {
  const page = await readDoc('client.md');
  const blocks = blocksOf(page, 'ts');
  const calls = callsOf(page);
  expect([blocks.length > 4, calls.length > 15]).toEqual([true, true]);
  expect(await faultsOf([...blocks, ...calls])).toEqual([]);
}, 120_000);

test('a call, a member or a name in the table that there is not is caught', async () => {
  const wrong = callsOf(
    '| call |\n| `relay.begin {channelId}` | x |\n| `agoraToken {role, channel}` | x |\n\n',
  );
  const faults = await faultsOf([
    'await live.relay.start.mutate({ channel: 1 });',
    'const { url } = await live.relay.start.mutate({ channelId: 1 });',
    ...wrong,
  ]);
  const inBlock = (index: number): string[] =>
    faults.filter((fault) => fault.startsWith(`block-${String(index)}.ts`));
  expect([1, 2, 3, 4].map((index) => inBlock(index).length > 0)).toEqual([true, true, true, true]);
}, 120_000);
