import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { blocksOf, commandsOf } from '../../support/docs/markdown-blocks.ts';
import { pagesBelow, type Page } from '../../support/docs/pages.ts';

const operationSchema = z.looseObject({
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).default([]),
  requestBody: z
    .looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.record(z.string(), z.json()) })) })
    .optional(),
});
const openApiSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
});
const { paths } = openApiSchema.parse(
  JSON.parse(await readFile(resolve(import.meta.dirname, '../../../docs/reference/openapi.json'), 'utf8')),
);

/** The fault of a curl command according to the OpenAPI document; undefined if there is none. */
function faultOf(command: string): string | undefined {
  const url = /"\$API([^"]*)"/.exec(command)?.[1];
  if (url === undefined) return `it has no "$API/…": ${command}`;
  const [path = '', query = ''] = url.split('?');
  const body = / -d '([^']*)'/.exec(command)?.[1];
  const method = (/ -X (\w+)/.exec(command)?.[1] ?? (body === undefined ? 'GET' : 'POST')).toLowerCase();
  const operation = operationOf(method, path);
  if (operation === undefined) return `there is no ${method.toUpperCase()} ${path}`;
  const takes = (place: string): string[] =>
    operation.parameters.filter((each) => each.in === place).map(({ name }) => name.toLowerCase());
  for (const name of new URLSearchParams(query).keys())
    if (!takes('query').includes(name.toLowerCase()))
      return `${method.toUpperCase()} ${path} has no parameter ${name}`;
  for (const [, name = ''] of command.matchAll(/ -H ['"]([\w-]+):/g))
    if (!['authorization', 'content-type', ...takes('header')].includes(name.toLowerCase()))
      return `${method.toUpperCase()} ${path} has no header ${name}`;
  if (body === undefined) return undefined;
  const schema = operation.requestBody?.content['application/json']?.schema;
  if (schema === undefined) return `${method.toUpperCase()} ${path} has no body`;
  const { error } = z.fromJSONSchema(schema).safeParse(JSON.parse(body));
  return error === undefined ? undefined : z.prettifyError(error);
}

/** `/v1/channels/{id}/relay` is the path that `/v1/channels/4711/relay` matches. */
function operationOf(method: string, path: string): z.infer<typeof operationSchema> | undefined {
  const found = Object.keys(paths).find((template) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return found === undefined ? undefined : paths[found]?.[method];
}

/** The pages with calls: those for apps and for channels, and the rollout. */
async function pages(): Promise<readonly Page[]> {
  const all = await pagesBelow('docs');
  return all.filter(({ path }) => /^docs\/(?:build\/|channels\/|rollout\.md)/.test(path));
}

describe('the pages for apps', () => {
  test('call existing operations, with valid parameters', async () => {
    const commands = (await pages())
      .flatMap(({ text }) => blocksOf(text, 'sh').flatMap(commandsOf))
      .filter((command) => command.startsWith('curl '));
    expect(commands.length).toBeGreaterThan(15);
    expect(commands.map(faultOf).filter((fault) => fault !== undefined)).toEqual([]);
  });

  test('refer to existing routes', async () => {
    const named = (await pages()).flatMap(({ text }) => [
      ...text.matchAll(/(GET|POST|PUT|PATCH|DELETE) (\/v1\/[\w/{}-]+)/g),
    ]);
    expect(named.length).toBeGreaterThan(20);
    const missing = named
      .filter(([, method = '', path = '']) => operationOf(method.toLowerCase(), path) === undefined)
      .map(([route]) => route);
    expect(missing).toEqual([]);
  });

  test.each([
    ['curl -X PUT "$API/v1/channels/1/rely"', 'there is no PUT /v1/channels/1/rely'],
    ['curl -X POST "$API/v1/costs"', 'there is no POST /v1/costs'],
    ['curl "$API/v1/costs?since=2026"', 'GET /v1/costs has no parameter since'],
    [`curl "$API/v1/channels" -H 'Idempotence: 1' -d '{"id": 1}'`, 'no header Idempotence'],
    [`curl "$API/v1/channels" -d '{"id": 1, "streamMod": "auto"}'`, 'streamMod'],
    [`curl "$API/v1/channels" -d '{"id": 1, "budget": {"usd": 25, "per": "show"}}'`, 'budget'],
  ])('fail with %s', (command, fault) => {
    expect(faultOf(command)).toContain(fault);
  });
});
