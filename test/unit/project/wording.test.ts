import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';
import { reasons } from '../../../src/api/reasons.ts';
import { channelSettingsSchema } from '../../../src/server/contract/channel-settings.ts';
import { relayStateSchema } from '../../../src/server/contract/relay-view.ts';
import { problems } from '../../../src/server/problems.ts';
import { appRouter } from '../../../src/server/trpc/router.ts';
import { checkout, filesBelow } from '../../support/docs/pages.ts';
import { RecordingServices } from '../../support/server/recording-services.ts';
import { bannedWords } from './banned-words.ts';
import { oldPublicNames } from './old-public-names.ts';
import { allProse, markdownLines, plainLines, type ProseLine } from './prose.ts';
import { allTestTitles, titlesIn } from './test-titles.ts';
import { appMigration, channelColumns, metricColumns } from '../../../src/store/app/contract-sql.ts';

const read = async (path: string): Promise<string> => await readFile(resolve(checkout, path), 'utf8');

/** `file:line: found text -> replacement`. */
function violations(lines: readonly ProseLine[]): string[] {
  return lines.flatMap(({ path, line, text }) =>
    bannedWords.flatMap(({ pattern, instead }) =>
      [...text.matchAll(pattern)].map(([found]) => `${path}:${line}: "${found}" -> ${instead}`),
    ),
  );
}

describe('words', () => {
  test('docs, descriptions, comments of values and samples contain no banned words', async () => {
    expect(violations(await allProse())).toEqual([]);
  });

  test('the help of every command contains no banned words', async () => {
    expect(violations(await helpOfAllCommands())).toEqual([]);
  });

  test('titles of tests and labels of their tables contain no banned words', async () => {
    // The rows of this file contain banned words as examples.
    const titles = (await allTestTitles()).filter(({ path }) => !path.endsWith('/wording.test.ts'));
    expect(titles.length).toBeGreaterThan(1_000);
    expect(violations(titles)).toEqual([]);
  });

  test.each([
    ["test('a relay is told', () => {});", 1],
    ["describe.skip('a `picture` of a thing', () => {});", 0],
    ["test.each([['starts anew', 1]])('%s: %i', () => {});", 1],
    ["const rows = [['nobody is there', 1]] as const;\ntest.each(rows)('%s', () => {});", 1],
    ["expect('it was told').toBe(1);", 0],
  ])('titles in %j: %i banned', (source, count) => {
    expect(violations(titlesIn('a.test.ts', source))).toHaveLength(count);
  });

  test('the page on writing docs lists the banned words', async () => {
    const page = await read('docs/contribute/writing-docs.md');
    const rows = [...page.matchAll(/^\| (`.*?) +\| (.*?) +\|$/gm)].map(([, words, instead]) => ({
      words,
      instead,
    }));
    const words = bannedWords.map(({ words, instead }) => ({ words, instead }));
    for (const each of words) expect(rows).toContainEqual(each);
    expect(rows.filter(({ words }) => !words?.startsWith('`docs/'))).toHaveLength(words.length);
  });

  test.each([
    ['The relay is started anew.', 1],
    ['The key `picture` and the flag `anew` are code.', 0],
    ['80 % are spent', 1],
    ['80% has been spent', 0],
    ['It lasts as long as the show.', 0],
    ['Nobody knows for how long.', 1],
    ['Picture-in-picture goes on.', 0],
    ['The picture in the frame.', 1],
  ])('%s', (text, count) => {
    expect(violations(markdownLines('page.md', text))).toHaveLength(count);
  });
});

/** In this process, as main.ts configures them. Spawning them all takes a minute. */
async function helpOfAllCommands(): Promise<ProseLine[]> {
  const main = await read('src/main.ts');
  const program = new Command('livechannel');
  for (const [, name = '', module = ''] of main.matchAll(
    /^ {2}'?([a-z-]+)'?: \{[^}]*import\('\.\/(.*)'\)/gm,
  )) {
    const { configure } = (await import(`../../../src/${module}`)) as {
      configure: (command: Command) => void;
    };
    configure(program.command(name));
  }
  expect(program.commands.length).toBe([...main.matchAll(/import\('/g)].length);
  const helpOf = (command: Command): ProseLine[] => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    const lines = plainLines(`${command.name()} --help`, help);
    return [...lines, ...command.commands.flatMap(helpOf)];
  };
  return [...plainLines('src/main.ts', descriptionsIn(main)), ...helpOf(program)];
}

/** The descriptions of the commands. Every other line is blank. */
const descriptionsIn = (source: string): string => source.replaceAll(/^(?!.*escription).*$/gm, '');

describe('pages', () => {
  test('lines of prose have at most 125 columns', async () => {
    const pages = (await filesBelow('.', '.md')).filter((path) => !path.startsWith('test/'));
    const tooLong = await Promise.all(
      pages.map(async (path) => {
        const raw = (await read(path)).split('\n');
        return markdownLines(path, await read(path))
          .filter(({ line, text }) => {
            const whole = raw[line - 1] ?? '';
            const exempt = text.trim() === '' || /^\s*\||\]\(|https?:/.test(whole);
            return !exempt && whole.length > 125;
          })
          .map(({ line }) => `${path}:${line}`);
      }),
    );
    expect(tooLong.flat()).toEqual([]);
  });
});

/** RFC 9110, section 15; 429 and 431 are of RFC 6585. */
const httpTitles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

describe('declarations', () => {
  test('the title of each problem is the name of its HTTP status', () => {
    const titles = Object.entries(problems).map(([code, { status, title }]) => ({ code, title, status }));
    expect(titles).toEqual(titles.map((each) => ({ ...each, title: httpTitles[each.status] })));
  });

  test('each reason has a severity and a meaning', () => {
    for (const { severity, meaning } of Object.values(reasons)) {
      expect(['normal', 'warning']).toContain(severity);
      expect(meaning).not.toBe('');
    }
  });
});

describe('the app’s contract, which is not renamed', () => {
  test.each(['relay.start', 'relay.stop', 'relay.status', 'streaming.getPlaybackUrl'])('tRPC %s', (route) => {
    expect(Object.keys(appRouter._def.procedures)).toContain(route);
  });

  const property = z.object({ enum: z.array(z.string()) });
  const crdSchema = z.object({
    spec: z.object({
      versions: z.tuple([
        z.object({
          schema: z.object({
            openAPIV3Schema: z.object({
              properties: z.object({
                spec: z.object({ properties: z.object({ streamMode: property }) }),
                status: z.object({
                  properties: z.object({
                    relayStatus: property,
                    effectiveStreamMode: property,
                    health: property,
                  }),
                }),
              }),
            }),
          }),
        }),
      ]),
    }),
  });

  test('values of streamMode, effectiveStreamMode, relayStatus and health', async () => {
    const crd = crdSchema.parse(parse(await read('crds/livechannel.dev_livechannels.yaml')));
    const { spec, status } = crd.spec.versions[0].schema.openAPIV3Schema.properties;
    expect(spec.properties.streamMode.enum).toEqual(['agora-only', 'hybrid', 'hls-only', 'auto']);
    expect(status.properties.effectiveStreamMode.enum).toEqual(['agora-only', 'hybrid', 'hls-only']);
    expect(status.properties.relayStatus.enum).toEqual(['starting', 'active', 'stopped', 'error']);
    expect(status.properties.health.enum).toEqual(['good', 'fair', 'poor']);
  });

  test.each([
    [
      'channels',
      [
        'stream_mode',
        'hls_playback_url',
        'relay_status',
        'relay_started_at',
        'streaming_platform',
        'stream_key_id',
      ],
    ],
    [
      'stream_metrics',
      [
        'channel_id',
        'timestamp',
        'agora_viewers',
        'hls_viewers',
        'bitrate_kbps',
        'relay_health',
        'created_at',
      ],
    ],
  ])('columns of %s', async (table, columns) => {
    const migration = await read('src/store/migrations/0001-tables.ts');
    const declared = migration.split(`create table ${table} (`)[1]?.split('\n)')[0] ?? '';
    for (const column of columns) expect(declared).toMatch(new RegExp(String.raw`^\s*"?${column}"? `, 'm'));
    const ofApp = appMigration('integer');
    for (const column of columns) expect(ofApp).toMatch(new RegExp(String.raw`"?\b${column}"? \w`));
  });

  test("types of the columns in an app's tables", () => {
    expect(channelColumns).toEqual({
      stream_mode: "varchar(20) default 'hybrid'",
      hls_playback_url: 'varchar(500)',
      relay_status: 'varchar(20)',
      relay_started_at: 'timestamptz',
      streaming_platform: 'varchar(50)',
      stream_key_id: 'varchar(100)',
    });
    expect(metricColumns).toEqual([
      'id',
      'channel_id',
      'timestamp',
      'agora_viewers',
      'hls_viewers',
      'bitrate_kbps',
      'relay_health',
      'created_at',
    ]);
  });

  // The types of these members are checked by the compiler, in test/unit/server/trpc/app-contract.test.ts.
  const services = new RecordingServices();
  const caller = { subject: 'test', scope: 'operate' } as const;
  const call = { caller, requestId: '1', signal: AbortSignal.timeout(60_000) };
  const app = appRouter.createCaller({ services, call, publicPlayback: false });
  const channelId = '4711';
  const passed = { agoraToken: '007eJx', agoraChannelName: 'live_4711' };
  test.each([
    ['relay.start', () => app.relay.start({ channelId, ...passed }), ['success', 'playbackUrl']],
    ['relay.stop', () => app.relay.stop({ channelId }), ['success']],
    ['relay.status', () => app.relay.status({ channelId }), ['isActive', 'viewerCount', 'bitrate', 'health']],
    ['streaming.getPlaybackUrl', () => app.streaming.getPlaybackUrl({ channelId }), ['hlsUrl', 'latency']],
  ] as const)('the input and the members of the answer of %s', async (_, ask, members) => {
    expect(Object.keys(await ask())).toEqual(expect.arrayContaining([...members]));
  });

  test('values in requests and answers', () => {
    expect(channelSettingsSchema.shape.streamMode.unwrap().options).toEqual([
      'agora-only',
      'hybrid',
      'hls-only',
      'auto',
    ]);
    expect(relayStateSchema.shape.status.options).toEqual(['starting', 'active', 'stopped', 'error']);
    expect(relayStateSchema.shape.health.options).toEqual(['good', 'fair', 'poor']);
  });
});

test('the old public names do not occur in code, docs, chart and manifests', async () => {
  const folders = ['src', 'docs', 'charts', 'crds', 'manifests', 'examples'];
  const paths = (await Promise.all(folders.map(async (folder) => await filesBelow(folder, '')))).flat();
  const texts = [
    'README.md',
    'CONTRIBUTING.md',
    ...paths.filter((path) => !/\.(png|svg|tgz|mp4)$/.test(path)),
  ];
  const found = await Promise.all(
    texts.map(async (path) =>
      (await read(path))
        .split('\n')
        .flatMap((line, index) =>
          oldPublicNames
            .filter(({ old }) => old.test(line))
            .map(({ old, name }) => `${path}:${index + 1}: ${old.source} -> ${name}`),
        ),
    ),
  );
  expect(found.flat()).toEqual([]);
});
