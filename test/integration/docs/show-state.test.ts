import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { appDatabase } from '../../fixtures/app-schema.ts';
import { blocksOf, readDoc } from '../../support/docs/markdown-blocks.ts';
import { PagePrograms } from './page-programs.ts';

/** What docs/build/integrate.md stores about shows, and its job that ends those whose seller is gone. */
let server: TestPostgres;
let programs: PagePrograms;
let url: string;
beforeAll(async () => {
  [server, programs] = await Promise.all([TestPostgres.start(), PagePrograms.create()]);
  const [columns = ''] = blocksOf(await readDoc('build/integrate.md'), 'sql');
  url = await appDatabase(
    server,
    'id integer primary key, seller_id integer',
    ...[
      columns,
      columns,
      "insert into channels values (4711, 42), (4712, 43); update channels set tier = 'beta' where id = 4711",
    ],
  );
  await programs.take('build/integrate.md', 'server/show-state.ts', 'server/end-lost-shows.ts');
  await programs.write('watch-channel.ts', 'export const recent = new Map([[4711, 1], [4712, 1]]);');
  await programs.write(
    'live.ts',
    `export const stopped: number[] = [];
    async function stop({ channelId }: { channelId: number }) {
      if (String(channelId) === process.env.FAILS) throw new Error('no answer');
      stopped.push(channelId);
    }
    export const live = { relay: { stop: { mutate: stop } } };`,
  );
});
afterAll(async () => {
  await Promise.all([programs, server].map((each) => each[Symbol.asyncDispose]()));
});

async function printed(program: string, env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  await programs.write('main.ts', program);
  const { code, stdout, stderr } = await programs.run('main.ts', { DATABASE_URL: url, ...env });
  expect({ code, stderr: env['FAILS'] === undefined ? stderr : '' }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

const inState = (statements: string): string => `import * as state from './show-state.ts';
  ${statements}
  process.exit();`;

test('a show is live from its start to its end, and belongs to its seller', async () => {
  const program = inState(`await state.setLive(4711, true);
    console.log(JSON.stringify([
      await state.isLive(4711), await state.isLive(4712), await state.isLive(1),
      await state.isSellerOf('42', 4711), await state.isSellerOf('43', 4711), await state.isSellerOf('guest-42', 4711),
      await state.labelsOf(4711), await state.labelsOf(4712), await state.lostShows(),
    ]));`);
  expect(await printed(program)).toEqual([true, false, false, true, false, false, { tier: 'beta' }, {}, []]);
}, 60_000);

test('a show whose seller has been gone for a minute ends; one that cannot be stopped ends later', async () => {
  const gone = "update channels set is_live = true, seller_seen_at = now() - interval '61 seconds'";
  await server.query(gone, { url });
  const ends = `import { endLostShows } from './end-lost-shows.ts';
    import { stopped } from './live.ts';
    import { isLive, lostShows, sellerSeen } from './show-state.ts';
    import { recent } from './watch-channel.ts';
    if (process.env.SEEN !== undefined) await sellerSeen(Number(process.env.SEEN));
    await endLostShows();
    const [first, second] = [await isLive(4711), await isLive(4712)];
    console.log(JSON.stringify({ stopped, live: [first, second], lost: await lostShows(), recent: [...recent.keys()] }));
    process.exit();`;
  expect(await printed(ends, { FAILS: '4711' })).toEqual({
    ...{ stopped: [4712], live: [true, false], lost: [4711], recent: [4711] },
  });
  expect(await printed(ends, { SEEN: '4711' })).toMatchObject({ stopped: [], live: [true, false], lost: [] });
  await server.query(gone, { url });
  expect(await printed(ends)).toMatchObject({ live: [false, false], lost: [] });
}, 60_000);
