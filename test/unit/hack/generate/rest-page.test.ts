import { expect, test } from '@jest/globals';
import type { z } from 'zod';
import { resourceOnlyFields } from '../../../../hack/generate/rest-page.ts';
import { liveChannelSpecSchema } from '../../../../src/api/live-channel.ts';
import { exposedSettings } from '../../../../src/server/contract/channel-settings.ts';

test('each field of spec is in one of the two tables', () => {
  const exposed = Object.values(exposedSettings).map(({ path }) => path.join('.'));
  const known = [...exposed, 'suspend', ...resourceOnlyFields().map(({ name }) => name)];
  expect(leaves(liveChannelSpecSchema, known).toSorted()).toEqual(known.toSorted());
});

test('an object none of whose members is exposed is one field', () => {
  const names = resourceOnlyFields().map(({ name }) => name);
  expect(names).toContain('relay.template');
  expect(names).not.toContain('relay');
  expect(names).not.toContain('relay.template.resources');
});

/** The paths of the schema's fields, no deeper than one that is known. */
function leaves(schema: z.ZodType, known: readonly string[], path = ''): readonly string[] {
  if (known.includes(path)) return [path];
  const object = unwrapped(schema);
  if (!('shape' in object)) return [path];
  return Object.entries(object.shape as Record<string, z.ZodType>).flatMap(([name, field]) =>
    leaves(field, known, path === '' ? name : `${path}.${name}`),
  );
}

function unwrapped(schema: z.ZodType): z.ZodType {
  return 'unwrap' in schema && typeof schema.unwrap === 'function'
    ? unwrapped((schema.unwrap as () => z.ZodType).call(schema))
    : schema;
}
