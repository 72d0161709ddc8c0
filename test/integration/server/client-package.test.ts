import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildClient } from '../../../hack/build/client.ts';
import { TrpcStage } from './trpc-stage.ts';

const checkout = resolve(import.meta.dirname, '../../..');
/** Dependencies of the client's package, which contain nothing of the server. */
const dependencies = ['@trpc/client', '@trpc/server', 'eventsource', 'eventsource-parser', 'zod'];

/** A separate app: a directory with a tsconfig, a program and the package in node_modules. */
let app: string;
beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'livechannel-app-'));
  const installed = join(app, 'node_modules', 'livechannel-operator');
  await buildClient(checkout, join(installed, 'dist', 'client'));
  await writeFile(
    join(installed, 'package.json'),
    JSON.stringify({
      name: 'livechannel-operator',
      type: 'module',
      exports: {
        './client': { types: './dist/client/types/client/client.d.ts', default: './dist/client/client.mjs' },
      },
    }),
  );
  for (const name of dependencies) {
    await mkdir(join(app, 'node_modules', name, '..'), { recursive: true });
    await symlink(join(checkout, 'node_modules', name), join(app, 'node_modules', name));
  }
  await writeFile(join(app, 'package.json'), JSON.stringify({ type: 'module' }));
}, 60_000);
afterAll(() => rm(app, { recursive: true, force: true }));

interface Outcome {
  readonly code: unknown;
  readonly text: string;
}

function run(script: string, ...args: readonly string[]): Promise<Outcome> {
  const { promise, resolve: done } = Promise.withResolvers<Outcome>();
  execFile(process.execPath, [script, ...args], { cwd: app, timeout: 60_000 }, (error, stdout, stderr) => {
    done({ code: error?.code ?? 0, text: stdout + stderr });
  });
  return promise;
}

async function compiled(program: string, options: object = {}): Promise<Outcome> {
  await writeFile(join(app, 'app.ts'), program);
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: 'es2022', lib: ['es2023', 'dom'], types: [] },
    ...{ module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: true },
    ...options,
  };
  await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
  return run(join(checkout, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.');
}

const good = `
import { createLiveChannelClient, type AppRouter } from 'livechannel-operator/client';
import type { inferRouterOutputs } from '@trpc/server';
const live = createLiveChannelClient({ url: 'http://127.0.0.1:1', token: async () => 'k' });
export async function show(): Promise<'good' | 'fair' | 'poor'> {
  const { playbackUrl }: { playbackUrl: string } = await live.relay.start.mutate({ channelId: 4711 });
  const { hlsUrl, latency }: { hlsUrl: string; latency: number } = await live.streaming.getPlaybackUrl.query({ channelId: 'show-1' });
  const status: { isActive: boolean; viewerCount: number } = await live.relay.status.query({ channelId: 1 });
  live.events.channel.subscribe({ channelId: 1 }, {
    onData: ({ id, data }: { id: string; data: { type: 'snapshot' | 'status' | 'mode' | 'ended' } }) => [id, data],
    onError: (error) => error.data?.problem.code === 'not-allowed',
  });
  const health: inferRouterOutputs<AppRouter>['relay']['status']['health'] = (await live.relay.status.query({ channelId: 1 })).health;
  return [playbackUrl, hlsUrl, latency, status].length > 0 ? health : 'poor';
}
`;

describe('livechannel-operator/client in a separate app', () => {
  test.each([
    ['nodenext', {}],
    ['a bundler', { module: 'esnext', moduleResolution: 'bundler' }],
    ['exactOptionalPropertyTypes', { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }],
  ])('is typed, with %s', async (_, options) => {
    expect(await compiled(good, options)).toEqual({ code: 0, text: '' });
  });

  test.each([
    ['a procedure that does not exist', `await live.relay.pause.mutate({ channelId: 1 });`],
    ['an input of the wrong kind', `await live.relay.start.mutate({ channelId: true });`],
    ['a missing input', `await live.relay.start.mutate({});`],
    ['a query that is called as a mutation', `await live.relay.status.mutate({ channelId: 1 });`],
    ['an output that has no such member', `(await live.relay.status.query({ channelId: 1 })).viewers;`],
    [
      'an event type that does not exist',
      `live.events.all.subscribe(undefined, { onData: ({ data }) => data.type === 'started' });`,
    ],
    [
      'a problem code that does not exist',
      `live.events.all.subscribe(undefined, { onError: (e) => e.data?.problem.code === 'no' });`,
    ],
  ])('its types reject %s', async (_, line) => {
    const start = good.split('\n').slice(0, 4).join('\n');
    const { code, text } = await compiled(
      `${start}\n${line}\nexport type T = inferRouterOutputs<AppRouter>;\n`,
    );
    expect(code).not.toBe(0);
    expect(text).toMatch(/^app\.ts\(5,/m);
    expect(text).not.toMatch(/node_modules/);
  });

  test('runs without any part of the server', async () => {
    await using stage = await TrpcStage.start();
    const program = `
      import { createLiveChannelClient } from 'livechannel-operator/client';
      const live = createLiveChannelClient({ url: '${stage.url}', token: 'operate' });
      console.log(JSON.stringify(await live.relay.start.mutate({ channelId: 4711 })));
    `;
    await writeFile(join(app, 'app.mjs'), program);
    expect(await run('app.mjs')).toEqual({
      code: 0,
      text: '{"success":true,"playbackUrl":"https://hls.example/4711.m3u8","expiresAt":null,"playbackProblem":null}\n',
    });
    const code = await readFile(
      join(app, 'node_modules/livechannel-operator/dist/client/client.mjs'),
      'utf8',
    );
    const imported = [...code.matchAll(/from "([^"]+)"/g)].map(([, name]) => name);
    expect(imported.toSorted()).toEqual(['@trpc/client', 'eventsource']);
  });
});
