import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { checkout, codeSpansOf, filesBelow, pagesBelow, type Page } from '../../support/docs/pages.ts';

/** First segments of the paths that this project's own servers answer; any other path is a file's, or another server's. */
const ours = new Set([
  ...['v1', 'trpc', 'docs'],
  ...['livez', 'readyz', 'healthz', 'metrics', 'status', 'drain', 'standby', 'activate'],
]);

/** Paths as templates: `{id}` and `:id` are one segment. */
const templateOf = (path: string): string => path.replaceAll(/\$?\{\w+\}|:\w+|<[^>]+>/g, '{}');

let service: ReadonlySet<string>;
let everywhere: ReadonlySet<string>;

async function pathsIn(folders: readonly string[]): Promise<string[]> {
  const files = (await Promise.all(folders.map((folder) => filesBelow(folder, '.ts')))).flat();
  const sources = await Promise.all(files.map((file) => readFile(join(checkout, file), 'utf8')));
  return sources.flatMap((source) =>
    [...source.matchAll(/['"`](\/[a-z][\w/:.${}-]*?)(?:\/\*)?['"`?]/g)].map(([, path]) => path ?? ''),
  );
}

beforeAll(async () => {
  const document = z
    .object({ paths: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(await readFile(join(checkout, 'docs/reference/openapi.json'), 'utf8')));
  const routes = Object.keys(document.paths);
  const [ofService, ofAll] = await Promise.all([pathsIn(['src/server', 'src/kube']), pathsIn(['src'])]);
  service = new Set([...routes, ...ofService].map(templateOf));
  everywhere = new Set([...routes, ...ofAll].map(templateOf));
});

/** A page about the service may name the service's routes and probes alone; other pages those of every server. */
const isAboutService = (path: string): boolean => path.startsWith('docs/build/');

/** Paths of our servers in a page's code spans that no server answers. */
function unknownPaths({ path, text }: Page): string[] {
  const known = isAboutService(path) ? service : everywhere;
  return codeSpansOf(text).flatMap((span) => {
    const [, route = ''] =
      /^(?:(?:GET|POST|PUT|PATCH|DELETE|HEAD) )?(\/[\w./{}:<> -]+?)(?:[?#].*)?$/.exec(span) ?? [];
    const first = route.split('/')[1] ?? '';
    if (!ours.has(first)) return [];
    const template = templateOf(route.replace(/\/$/, ''));
    const answers = [...known].some((each) => matches(each, template));
    return answers ? [] : [`${path}: ${span}`];
  });
}

/** Where the documentation has a value, or an ellipsis, for a parameter. */
function matches(template: string, path: string): boolean {
  const [expected, given] = [template.split('/'), path.split('/')];
  return (
    expected.length === given.length &&
    expected.every((each, index) => each === '{}' || each === given[index])
  );
}

test('every route and probe that a page names exists', async () => {
  const pages = [
    ...(await pagesBelow('docs')),
    ...(await pagesBelow('charts')),
    ...(await pagesBelow('examples')),
  ];
  const readme = { path: 'README.md', text: await readFile(join(checkout, 'README.md'), 'utf8') };
  expect([...pages, readme].flatMap(unknownPaths)).toEqual([]);
});

test.each([
  ['docs/build/a.md', '`/livez`'],
  ['docs/build/a.md', '`GET /v1/channels/{id}/rely`'],
  ['docs/operate/a.md', '`/livez/relay`'],
])('%s with %s would be caught', (path, text) => {
  expect(unknownPaths({ path, text })).toHaveLength(1);
});

test.each([
  ['docs/build/a.md', '`GET /v1/channels/{id}/playback?redirect=1`, `/healthz`, `/v1/openapi.json`, `/trpc`'],
  ['docs/operate/a.md', '`/livez`, `POST /activate?epoch=N`, `PUT /v1/streams/{id}`, `/dev/termination-log`'],
  ['docs/build/a.md', '`/etc/hosts`, `GET /accounts/{account}/stream`'],
])('%s with %s is fine', (path, text) => {
  expect(unknownPaths({ path, text })).toEqual([]);
});
