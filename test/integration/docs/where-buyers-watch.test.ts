import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PagePrograms } from './page-programs.ts';

/** The app's router of docs/build/integrate.md, on a service that has one channel. */
let programs: PagePrograms;
beforeAll(async () => {
  programs = await PagePrograms.create();
  await programs.take(
    'build/integrate.md',
    ...['server/router.ts', 'server/start-show.ts', 'server/watch-channel.ts', 'server/audience.ts'],
  );
  await programs.write(
    'node_modules/@livechannel/client/package.json',
    '{"type": "module", "exports": "./client.js"}',
  );
  await programs.write(
    'node_modules/@livechannel/client/client.js',
    'export const problemOf = (error) => (error?.code === undefined ? undefined : error);',
  );
  await programs.write(
    'live.ts',
    `export const relay = { wanted: false, status: 'stopped', idleSince: null };
    export const service = { streamMode: process.env.MODE, refuses: process.env.REFUSES };
    const channelOf = ({ streamMode }: typeof service) => ({
      streamMode, effectiveStreamMode: streamMode, access: 'public', relay: { ...relay },
      playbackUrl: streamMode === 'agora-only' ? null : 'https://media.example.com/index.m3u8',
    });
    async function get() {
      if (process.env.AWAY !== undefined) throw new Error('no answer');
      if (service.streamMode === 'none') throw { code: 'channel-not-found' };
      return { channel: channelOf(service) };
    }
    async function start() {
      if (service.refuses !== undefined) throw { code: service.refuses };
      relay.wanted = true;
      relay.status = 'starting';
    }
    async function stop() {
      if (process.env.KEEPS !== undefined) throw { code: process.env.KEEPS };
      relay.wanted = false;
      relay.status = 'stopped';
    }
    export const live = {
      channels: { get: { query: get } },
      relay: { start: { mutate: start }, stop: { mutate: stop } },
    };`,
  );
  await programs.write(
    'show-state.ts',
    `const live = new Set<number>();
    export const isLive = async (id: number) => live.has(id);
    export const setLive = async (id: number, is: boolean) => void (is ? live.add(id) : live.delete(id));
    export const isSellerOf = async () => true;
    export const labelsOf = async () => ({});
    export const sellerSeen = async () => undefined;`,
  );
  await programs.write(
    'main.ts',
    `import { router } from './router.ts';
    const appOf = (userId: string) => router.createCaller({ userId }).show;
    const app = appOf('42');
    const show = { channelId: 4711 };
    const where = (userId: string) => appOf(userId).watch({ ...show, onAgora: false });
    const watch = async () => console.log(await where('43'));
    await watch();
    await app.start(show).catch(() => console.log('failed'));
    await watch(); // at once: what was read before the start is not used again
    if (process.env.COUNT !== undefined) {
      const all = await Promise.all(Array.from({ length: 1000 }, (_, index) => where('guest-' + index)));
      console.log(all.filter((each) => each === 'hls').length);
    }
    await app.stop(show).catch(() => console.log('not ended'));
    await watch(); // likewise
    process.exit();`,
  );
});
afterAll(() => programs[Symbol.asyncDispose]());

test.each([
  ['on HLS, from the start on', { MODE: 'hybrid' }, ['off', 'hls', 'off']],
  [
    'on Agora while the start failed',
    { MODE: 'hybrid', REFUSES: 'not-allowed' },
    ['off', 'failed', 'agora', 'off'],
  ],
  [
    'on Agora, where nothing is relayed',
    { MODE: 'agora-only', REFUSES: 'agora-only' },
    ['off', 'agora', 'off'],
  ],
  [
    'on Agora, where the channel does not exist',
    { MODE: 'none', REFUSES: 'not-allowed' },
    ['off', 'failed', 'agora', 'off'],
  ],
  [
    'until it could be ended, on HLS',
    { MODE: 'hybrid', KEEPS: 'kubernetes-unavailable' },
    ['off', 'hls', 'not ended', 'hls'],
  ],
  [
    'until it could be ended, on Agora',
    { MODE: 'agora-only', REFUSES: 'agora-only', KEEPS: 'kubernetes-unavailable' },
    ['off', 'agora', 'not ended', 'agora'],
  ],
  [
    'on Agora, with the switch of the app and without the service',
    { AWAY: '1', FORCE_AGORA: 'true' },
    ['off', 'agora', 'off'],
  ],
])(
  'buyers watch a show %s, and see when it is not on air',
  async (_where, env, seen) => {
    expect(await programs.run('main.ts', env)).toEqual({
      code: 0,
      stdout: `${seen.join('\n')}\n`,
      stderr: '',
    });
  },
  60_000,
);

test('a share of the buyers watches on HLS, the same ones each time, and more of them as it grows', async () => {
  const countOf = async (percent: string): Promise<number> => {
    const { stdout } = await programs.run('main.ts', { MODE: 'hybrid', HLS_PERCENT: percent, COUNT: '1' });
    return Number(stdout.split('\n')[2]);
  };
  const [none, tenth, half, all] = await Promise.all(['0', '10', '50', '100'].map(countOf));
  expect([none, all]).toEqual([0, 1_000]);
  // The IDs are fixed, so that these numbers are, too.
  expect(tenth).toBeGreaterThan(50);
  expect(tenth).toBeLessThan(150);
  expect(half).toBeGreaterThan(400);
  expect(half).toBeLessThan(600);
}, 60_000);

test('a guest is the same buyer on each visit, and a user of the app is that user', async () => {
  await programs.take('build/integrate.md', 'server/context.ts');
  await programs.write(
    'guests.ts',
    `import { contextOf } from './context.ts';
    const visit = (user: string | undefined, cookie?: string) => {
      const set: string[] = [];
      const response = { appendHeader: (_name: string, value: string) => set.push(value) };
      const { userId } = contextOf(user, { headers: { cookie } } as never, response as never);
      return { userId, cookies: set };
    };
    const first = visit(undefined, 'other=1');
    const again = visit(undefined, 'other=1; ' + first.cookies[0].split(';')[0]);
    console.log(JSON.stringify([first.userId === again.userId, again.cookies, visit(undefined).userId === first.userId, visit('42')]));`,
  );
  const { stdout, stderr } = await programs.run('guests.ts');
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual([true, [], false, { userId: '42', cookies: [] }]);
}, 60_000);
