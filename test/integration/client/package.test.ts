import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createPackageFromTarballData, checkPackage } from '@arethetypeswrong/core';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { z } from 'zod';
import { InstalledApp } from '../../support/client/installed-app.ts';
import { olderNode } from '../../support/client/older-node.ts';
import { TrpcStage } from '../../support/server/trpc-stage.ts';

// npm installs packages, and tsc reads all of their types.
jest.setTimeout(300_000);

const checkout = resolve(import.meta.dirname, '../../..');
const versionSchema = z.object({ version: z.string() });

let app: InstalledApp;
beforeAll(async () => {
  app = await InstalledApp.create({ scripts: { 'which-node': 'command -v node' } });
});
afterAll(() => app[Symbol.asyncDispose]());

const installed = 'node_modules/@livechannel/client';
const jsonOf = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
  schema.parse(JSON.parse(await app.read(path)));

describe('the tarball', () => {
  test('is small, has the version of the project, and contains nothing but code, types and documents', async () => {
    const project = versionSchema.parse(JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')));
    expect(await jsonOf(join(installed, 'package.json'), versionSchema)).toEqual(project);
    expect((await stat(app.tarball)).size).toBeLessThan(45_000);
    const files = await readdir(join(app.folder, installed));
    const others = files.filter((path) => !/^[\w-]+\.(?:js|d\.ts)$/.test(path));
    expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
  });

  test('imports its three dependencies and nothing of Node; only types of @trpc/server', async () => {
    const imported = { code: new Set<string>(), types: new Set<string>() };
    const files = await readdir(join(app.folder, installed));
    for (const path of files.filter((each) => each.endsWith('.ts') || each.endsWith('.js'))) {
      const text = await app.read(join(installed, path));
      const found = path.endsWith('.ts') ? imported.types : imported.code;
      for (const [, name = ''] of text.matchAll(/(?:from|import\() ?"([^".][^"]*)"/g)) found.add(name);
    }
    expect([...imported.code].toSorted()).toEqual(['@trpc/client', 'eventsource', 'zod']);
    // tsc names the events of a subscription by the last one, as it does in the declarations of any tRPC router.
    expect([...imported.types].toSorted()).toEqual([
      ...['@trpc/client', '@trpc/server', '@trpc/server/unstable-core-do-not-import', 'zod'],
    ]);
  });

  test('has no fault that publint finds', async () => {
    const { messages, pkg } = await publint({
      pkgDir: join(app.folder, installed),
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test('has types that agree with its code, in every kind of module resolution', async () => {
    const tarball = createPackageFromTarballData(await readFile(app.tarball));
    const result = await checkPackage(tarball);
    const problems = 'problems' in result ? result.problems : ['there are no types'];
    // The oldest kind knows no subpaths of package.json; and require() of ESM is what Node 22.12 introduced.
    const expected = ['CJSResolvesToESM', 'NoResolution'];
    const others = problems.filter(
      (problem) =>
        typeof problem === 'string' ||
        !expected.includes(problem.kind) ||
        ('resolutionKind' in problem &&
          problem.kind === 'NoResolution' &&
          problem.resolutionKind !== 'node10'),
    );
    expect(others).toEqual([]);
  });
});

describe('npm install @livechannel/client', () => {
  test('adds three dependencies, with what they need, and no other package', async () => {
    const { packages } = await jsonOf(
      'node_modules/.package-lock.json',
      z.object({ packages: z.record(z.string(), z.object({ peer: z.boolean().optional() })) }),
    );
    const names = (peers: boolean): string[] =>
      Object.entries(packages)
        .filter(([, { peer = false }]) => peer === peers)
        .map(([path]) => path.replace('node_modules/', ''))
        // The native program of TypeScript 7.
        .filter((name) => !name.startsWith('@typescript/'))
        .toSorted();
    expect(names(false)).toEqual([
      ...['@livechannel/client', '@trpc/client', 'eventsource', 'eventsource-parser', 'zod'],
    ]);
    // tRPC's own peers, which an app with tRPC and TypeScript has.
    expect(names(true)).toEqual(['@trpc/server', 'typescript']);
  });

  test("leaves the app's Node alone", async () => {
    expect(await readdir(join(app.folder, 'node_modules/.bin'))).not.toContain('node');
    const path = await app.npm('run', '--silent', 'which-node');
    expect(path).toMatch(/\/node\n$/);
    expect(path).not.toContain(app.folder);
  });
});

const typed = `
import { createLiveChannelClient, problemOf, serverEventSchema, type AppRouter } from '@livechannel/client';
import { ChannelService, RelayService, StreamingPlatformService, type RelayOperations } from '@livechannel/client/services';
import { createChannelEvents, createLiveChannelRouter } from '@livechannel/client/trpc';
import { initTRPC, tracked, type inferRouterInputs, type inferRouterOutputs } from '@trpc/server';

const live = createLiveChannelClient({ url: 'http://127.0.0.1:1', token: async ({ expired }) => (expired ? 'b' : 'a') });
const t = initTRPC.context<{ readonly user?: { readonly id: string } }>().create();
`;

const good = `${typed}
export const router = t.router({
  ...createLiveChannelRouter(t, {
    client: live,
    authorize: (ctx, channelId, scope) => ctx.user?.id === channelId || scope === 'playback',
    viewerId: (ctx) => ctx.user?.id,
    agora: async () => ({ agoraToken: 'a', agoraChannelName: 'live_1' }),
  }),
  events: createChannelEvents(t, { client: live, authorize: () => true, tracked }),
  own: t.procedure.query(() => 'own'),
});
type Inputs = inferRouterInputs<typeof router>;
type Outputs = inferRouterOutputs<typeof router>;

interface Contract {
  readonly start: { success: boolean; playbackUrl: string };
  readonly stop: { success: boolean };
  readonly status: { isActive: boolean; viewerCount: number; bitrate: number; health: 'good' | 'fair' | 'poor' };
  readonly playback: { hlsUrl: string; latency: number };
}
export function outputs(relay: Outputs['relay'], streaming: Outputs['streaming']): Contract {
  return { ...relay, playback: streaming.getPlaybackUrl };
}
export function inputs(channel: { channelId: string }): [Inputs['relay'], Inputs['streaming']] {
  return [{ start: channel, stop: channel, status: channel }, { getPlaybackUrl: channel }];
}
export async function client(): Promise<Contract> {
  const channel = { channelId: '1' };
  return {
    start: await live.relay.start.mutate(channel),
    stop: await live.relay.stop.mutate(channel),
    status: await live.relay.status.query(channel),
    playback: await live.streaming.getPlaybackUrl.query(channel),
  };
}

live.events.channel.subscribe({ channelId: 1 }, {
  onData: ({ id, data }: { id: string; data: { type: 'snapshot' | 'status' | 'mode' | 'ended' | 'numbers' } }) => [id, data],
  onError: (error) => error.data?.problem.code === 'not-allowed' || problemOf(error)?.code === 'timeout',
});
export const own: Outputs['own'] = 'own';
export const mocked: RelayOperations = new RelayService(live);
export const health: inferRouterOutputs<AppRouter>['relay']['status']['health'] = (await mocked.getStreamMetrics(1)).health;
export const viewers: number = (await mocked.getStreamMetrics(1)).viewers;
export const mode: 'agora-only' | 'hybrid' | 'hls-only' | 'auto' = (await new ChannelService(live).getStreamMode(1)).streamMode;
export const latency: number = (await new StreamingPlatformService(live).getPlaybackUrl(1)).latency;
export const parsed: { type: 'snapshot' | 'status' | 'mode' | 'ended' | 'numbers' | 'alert' } = serverEventSchema.parse({});
`;

describe('the types', () => {
  test.each([
    ['nodenext', {}],
    ['node16', { module: 'node16', moduleResolution: 'node16' }],
    [
      'a bundler and the strictest options',
      {
        ...{ module: 'esnext', moduleResolution: 'bundler', verbatimModuleSyntax: true },
        ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
      },
    ],
  ])("are those of the app's contract, checked with their libraries, with %s", async (_, options) => {
    expect(await app.compile({ 'app.ts': good }, options)).toEqual({ code: 0, text: '' });
  });

  test('reject what is not in the contract', async () => {
    const wrong: Readonly<Record<string, string>> = {
      'unknown-procedure.ts': `await live.relay.pause.mutate({ channelId: 1 });`,
      'wrong-input.ts': `await live.relay.start.mutate({ channelId: true });`,
      'missing-input.ts': `await live.relay.start.mutate({});`,
      'query-as-mutation.ts': `await live.relay.status.mutate({ channelId: 1 });`,
      'unknown-output.ts': `(await live.relay.status.query({ channelId: 1 })).viewers;`,
      'unknown-event.ts': `live.events.all.subscribe(undefined, { onData: ({ data }) => data.type === 'started' });`,
      'unknown-problem.ts': `problemOf(new Error())?.code === 'no';`,
      'no-decision.ts': `createLiveChannelRouter(t, { client: live, authorize: () => undefined });`,
      'wrong-context.ts': `createLiveChannelRouter(t, { client: live, authorize: (ctx) => ctx.admin });`,
      'incomplete-double.ts': `export const relays: RelayOperations = { startRelay: async () => ({}) };`,
    };
    const files = new Map(Object.entries(wrong).map(([path, line]) => [path, `${typed}${line}\n`]));
    const { text } = await app.compile(Object.fromEntries(files), { skipLibCheck: true });
    const line = typed.split('\n').length;
    const reported = Object.keys(wrong).filter((path) => text.includes(`${path}(${String(line)},`));
    expect(reported).toEqual(Object.keys(wrong));
    expect(text).not.toMatch(/node_modules/);
  });
});

/** Calls the service with a token that has expired, and prints what it received. */
const program = (url: string): string => `
  import { createLiveChannelClient, problemOf, relayViewSchema } from '@livechannel/client';
  import { RelayService } from '@livechannel/client/services';
  import { createLiveChannelRouter } from '@livechannel/client/trpc';
  const asked = [];
  const live = createLiveChannelClient({ url: '${url}', token: ({ expired }) => {
    asked.push(expired);
    return expired ? 'operate' : 'stale';
  } });
  const { playbackUrl } = await new RelayService(live).startRelay(4711);
  const event = await new Promise((resolve, reject) => {
    const subscription = live.events.channel.subscribe({ channelId: 4711 }, {
      onData: ({ data }) => { subscription.unsubscribe(); resolve(data.type); },
      onError: reject,
    });
  });
  const problem = await live.costs.query({ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }).catch(problemOf);
  console.log(JSON.stringify({
    playbackUrl, event, asked, problem: problem.code, scope: problem.scope,
    parts: [typeof relayViewSchema.parse, typeof createLiveChannelRouter],
  }));
`;
const printed = {
  playbackUrl: 'https://hls.example/4711.m3u8',
  event: 'ended',
  // The start, the subscription, and the costs, each with the stale token first.
  asked: [false, true, false, false],
  problem: 'not-allowed',
  scope: 'admin',
  parts: ['function', 'function'],
};

describe('an app', () => {
  test('calls the service, renews its token and follows events', async () => {
    await using stage = await TrpcStage.start();
    stage.services.past.push({ type: 'ended', id: '1', channelId: '4711' });
    const { code, text } = await app.run('app.mjs', program(stage.url));
    expect({ code, printed: JSON.parse(text) as unknown }).toEqual({ code: 0, printed });
  });

  test('does so with the oldest Node and packages that the client supports', async () => {
    const { dependencies } = await jsonOf(
      join(installed, 'package.json'),
      z.object({ dependencies: z.record(z.string(), z.string()) }),
    );
    const oldest = (name: string): string => (dependencies[name] ?? '').replace('^', '');
    await using old = await InstalledApp.create({
      tarball: app.tarball,
      packages: [
        ...Object.keys(dependencies).map((name) => `${name}@${oldest(name)}`),
        `@trpc/server@${oldest('@trpc/client')}`,
      ],
    });
    await using stage = await TrpcStage.start();
    stage.services.past.push({ type: 'ended', id: '1', channelId: '4711' });
    const node = await olderNode();
    if (node === undefined) console.warn('npm has no Node 22 for this machine: the current one is used.');
    const { code, text } = await old.run(
      'app.mjs',
      `console.error(process.version);${program(stage.url)}`,
      node,
    );
    const [line = '', version] = text.trim().split('\n');
    expect({ code, printed: JSON.parse(line) as unknown }).toEqual({ code: 0, printed });
    expect(version).toBe(node === undefined ? process.version : 'v22.12.0');
    expect(await old.compile({ 'app.ts': good }, { skipLibCheck: true })).toEqual({ code: 0, text: '' });
  });

  test('does so where packages see only what they declare, as pnpm installs them', async () => {
    await using strict = await InstalledApp.create({
      tarball: app.tarball,
      strategy: 'linked',
      packages: [`@trpc/server@${await versionOf('@trpc/server')}`],
    });
    await using stage = await TrpcStage.start();
    stage.services.past.push({ type: 'ended', id: '1', channelId: '4711' });
    const { code, text } = await strict.run('app.mjs', program(stage.url));
    expect({ code, printed: JSON.parse(text) as unknown }).toEqual({ code: 0, printed });
    expect(await strict.compile({ 'app.ts': good })).toEqual({ code: 0, text: '' });
  });

  test.each([
    ['the client alone, without zod', 'createLiveChannelClient', 60_000, false],
    ['the errors alone, without tRPC and zod', 'problemOf', 5_000, false],
    ['the schemas', 'serverEventSchema', 700_000, true],
  ])('bundles for a browser %s', async (_, name, most, withZod) => {
    await app.write('page.mjs', `import { ${name} } from '@livechannel/client'; globalThis.used = ${name};`);
    const { outputFiles, metafile } = await build({
      absWorkingDir: app.folder,
      entryPoints: ['page.mjs'],
      bundle: true,
      minify: true,
      platform: 'browser',
      format: 'esm',
      write: false,
      metafile: true,
    });
    expect(outputFiles[0]?.contents.length).toBeLessThan(most);
    const [output] = Object.values(metafile.outputs);
    const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    expect(used.some(([path]) => path.includes('node_modules/zod/'))).toBe(withZod);
  });
});

async function versionOf(name: string): Promise<string> {
  const text = await readFile(join(checkout, 'node_modules', name, 'package.json'), 'utf8');
  return versionSchema.parse(JSON.parse(text)).version;
}
