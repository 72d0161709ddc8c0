import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ticketOperations } from '../../../src/server/rest/ticket-operations.ts';
import { neededScope } from '../../../src/server/services/permissions.ts';
import { ticketAccess } from '../../../src/server/services/ticket-permissions.ts';
import { appRouter } from '../../../src/server/trpc/router.ts';
import { readDoc } from '../../support/docs/markdown-blocks.ts';
import { checkout } from '../../support/docs/pages.ts';

/** A row of the table of operations. */
interface Row {
  readonly rest: string;
  readonly procedures: readonly string[];
  readonly scope: string;
  /** What a ticket must be: `buyer`, `seller`, or a grant of sellers; empty: no ticket does. */
  readonly ticket: string;
}

/** Rows of the table under "## Operations": purpose, REST, tRPC, scope, ticket. */
function rowsOf(page: string): Row[] {
  const section = /^## Operations\n(.*?)^## /ms.exec(page)?.[1] ?? '';
  const spans = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, span]) => span ?? '');
  return section
    .split('\n')
    .filter((line) => /^\| .*`(?:GET|POST|PUT|PATCH|DELETE) /.test(line))
    .map((line) => {
      const [rest = '', trpc = '', scope = '', ticket = ''] = line.split('|').slice(2);
      return {
        rest: spans(rest)[0] ?? '',
        procedures: spans(trpc),
        scope: spans(scope)[0] ?? '',
        ticket: /with `(\w+)`/.exec(ticket)?.[1] ?? /\w+/.exec(ticket)?.[0] ?? '',
      };
    });
}

const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ operationId: z.string(), description: z.string().default('') })),
  ),
});

let rows: readonly Row[];
/** Scope by operation, e.g. "GET /v1/costs": "admin". */
let operations: ReadonlyMap<string, string>;
/** What a ticket must be, by operation. */
let tickets: ReadonlyMap<string, string>;

beforeAll(async () => {
  rows = rowsOf(await readDoc('build/rest-and-trpc.md'));
  const { paths } = documentSchema.parse(
    JSON.parse(await readFile(join(checkout, 'docs/reference/openapi.json'), 'utf8')),
  );
  operations = new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { description }]) => [
        `${method.toUpperCase()} ${path}`,
        /Scope: `(\w+)`/.exec(description)?.[1] ?? '',
      ]),
    ),
  );
  tickets = new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => {
        const operation = ticketOperations.get(operationId);
        return [`${method.toUpperCase()} ${path}`, operation === undefined ? '' : ticketAccess[operation]];
      }),
    ),
  );
});

describe('the table of operations', () => {
  test('has every REST operation once, and no other', () => {
    expect(rows.map(({ rest }) => rest).sort()).toEqual([...operations.keys()].sort());
  });

  test('has every tRPC procedure once, and no other', () => {
    const procedures = Object.keys(appRouter._def.procedures);
    expect(procedures.length).toBeGreaterThan(15);
    expect(rows.flatMap(({ procedures: named }) => named).sort()).toEqual(procedures.sort());
  });

  test('has the scope of each operation', () => {
    expect(new Map(rows.map(({ rest, scope }) => [rest, scope]))).toEqual(operations);
    // The webhook of Agora's notifications has no scope: it is authenticated by a signature.
    expect(new Set(rows.map(({ scope }) => scope))).toEqual(new Set(['', ...Object.values(neededScope)]));
  });

  test('has the ticket that allows each operation', () => {
    expect(new Map(rows.map(({ rest, ticket }) => [rest, ticket]))).toEqual(tickets);
    expect(new Set(tickets.values())).toEqual(new Set(['', 'buyer', 'seller', 'start', 'stop']));
  });

  test('ends at the next section', () => {
    const page =
      '## Operations\n\n| a | `GET /v1/a` | `a.b`, `a.c` | `admin` | seller with `start` |\n\n## More\n| b | `GET /v1/b` | `b` | `b` | |\n';
    expect(rowsOf(page)).toEqual([
      { rest: 'GET /v1/a', procedures: ['a.b', 'a.c'], scope: 'admin', ticket: 'start' },
    ]);
  });
});
