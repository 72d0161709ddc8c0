import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { InstalledApp, outcomeOf } from '../../support/client/installed-app.ts';
import { blocksOf, commandsOf, readDoc } from '../../support/docs/markdown-blocks.ts';

// npm installs packages, and tsc reads all of their types.
jest.setTimeout(300_000);

const checkout = resolve(import.meta.dirname, '../../..');

let page: string;
/** The page with the app's own router, and the hooks of React Query. */
let routerPage: string;
let service: Server;
let url: string;
beforeAll(async () => {
  page = await readDoc('build/typescript-client.md');
  routerPage = await readDoc('build/rest-and-trpc.md');
  const document = await readFile(join(checkout, 'docs/reference/openapi.json'), 'utf8');
  // The OpenAPI document, and the one call that the page shows.
  service = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/v1/openapi.json') response.end(document);
    else if (request.method !== 'PUT' || request.url !== '/v1/channels/4711/relay')
      response.writeHead(404).end('{}');
    else if (request.headers.authorization === 'Bearer lc_key')
      response.writeHead(202).end('{"playbackUrl": "https://hls.example/4711.m3u8"}');
    else response.writeHead(401).end('{"code": "not-authenticated", "detail": "Authentication required."}');
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo; // a TCP server that is listening
  url = `http://127.0.0.1:${String(port)}`;
});
afterAll(() => {
  service.close();
});

/** The block of the page whose first line names this file. */
function fileOf(path: string, language: string, on = page): string {
  const block = blocksOf(on, language).find((each) => each.startsWith(`// ${path}\n`));
  if (block === undefined) throw new Error(`the page has no ${path}`);
  return block;
}

test('the hooks of React Query on the page compile against the packed client', async () => {
  await using app = await InstalledApp.create({
    packages: [
      ...['react', '@types/react', '@types/node@24', '@tanstack/react-query'],
      // npm chooses the version of tRPC that the hooks require.
      '@trpc/tanstack-react-query@11',
    ],
  });
  const files = {
    'server/live.ts': fileOf('live.ts', 'ts'),
    'server/merged-router.ts': fileOf('server/merged-router.ts', 'ts', routerPage),
    'web/show-status.tsx': fileOf('web/show-status.tsx', 'tsx', routerPage),
  };
  const options = {
    ...{ module: 'esnext', moduleResolution: 'bundler', jsx: 'react-jsx', types: ['node'] },
    ...{ allowImportingTsExtensions: true, skipLibCheck: true },
  };
  expect(await app.compile(files, options)).toEqual({ code: 0, text: '' });
  const wrong = {
    ...files,
    'web/show-status.tsx': files['web/show-status.tsx'].replace('viewerCount', 'viewers'),
  };
  expect(await app.compile(wrong, options)).toMatchObject({ text: expect.stringContaining('viewers') });
});

test('the REST client for an app with tRPC v10 is generated, compiles and runs', async () => {
  await using app = await InstalledApp.create();
  const commands = blocksOf(page, 'sh').flatMap(commandsOf);
  const [install, ...others] = commands.slice(commands.findIndex((each) => each.includes('openapi-fetch')));
  if (install === undefined) throw new Error('the page installs no OpenAPI client');
  for (const command of [install, ...others].filter((each) => each.startsWith('npm ')))
    await app.npm(...command.split(' ').slice(1));
  const generate = others.find((each) => each.startsWith('npx '))?.replace('$LIVECHANNEL_URL', url) ?? '';
  expect(await outcomeOf('sh', ['-ec', generate], app.folder)).toMatchObject({ code: 0 });

  const program = fileOf('live-rest.mjs', 'js');
  const run = (key: string): Promise<unknown> =>
    app.run(
      'live-rest.mjs',
      `process.env.LIVECHANNEL_URL = '${url}'; process.env.LIVECHANNEL_API_KEY = '${key}';\n${program}`,
    );
  expect(await run('lc_key')).toEqual({ code: 0, text: 'https://hls.example/4711.m3u8\n' });
  expect(await run('wrong')).toMatchObject({ text: expect.stringContaining('not-authenticated: ') });

  const types = { allowJs: true, checkJs: true, skipLibCheck: true, lib: ['es2023', 'dom'] };
  const declared = 'declare const process: { readonly env: Readonly<Record<string, string>> };';
  const compile = (text: string): Promise<unknown> =>
    app.compile({ 'node.d.ts': declared, 'live-rest.mjs': text }, types);
  expect(await compile(program)).toEqual({ code: 0, text: '' });
  expect(await compile(program.replace('playbackUrl', 'address'))).toMatchObject({
    text: expect.stringContaining("'address' does not exist"),
  });
});
