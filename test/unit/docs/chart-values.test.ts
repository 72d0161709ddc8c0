import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { chartValuesSchema } from '../../../hack/generate/chart-values.ts';

interface Leaf {
  readonly path: string;
  readonly schema: z.ZodType;
}

/** Every value of the chart, as the table in its README lists them. */
function leavesOf(schema: z.ZodType, path = ''): Leaf[] {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (!(inner instanceof z.ZodObject) || !(inner.def.catchall instanceof z.ZodNever))
    return [{ path, schema }];
  return Object.entries(inner.shape)
    .filter(([name]) => name !== 'global')
    .flatMap(([name, field]) =>
      field instanceof z.ZodType ? leavesOf(field, path === '' ? name : `${path}.${name}`) : [],
    );
}

const leaves = leavesOf(chartValuesSchema);

describe('the values of the chart', () => {
  test('have a description', () => {
    expect(leaves.length).toBeGreaterThan(100);
    expect(leaves.filter(({ schema }) => !schema.description).map(({ path }) => path)).toEqual([]);
  });

  test('that are lists of objects have descriptions of their members', () => {
    const lists = leaves.flatMap(({ path, schema }) =>
      schema instanceof z.ZodArray && schema.element instanceof z.ZodObject
        ? [{ path, members: Object.keys(schema.element.shape), description: schema.description ?? '' }]
        : [],
    );
    expect(lists.map(({ path }) => path)).toContain('api.playbackKeys');
    for (const { path, members, description } of lists)
      expect([path, members.filter((member) => !description.includes(member))]).toEqual([path, []]);
  });

  // Readers search for single rows: no row may refer to its neighbor.
  test('have descriptions without references to other rows', () => {
    const neighbors = /\b(the same|those|that one|the other)\b/i;
    const allowed = /such as those that/i;
    expect(
      leaves
        .filter(({ schema: { description = '' } }) => neighbors.test(description.replace(allowed, '')))
        .map(({ path }) => path),
    ).toEqual([]);
  });
});
