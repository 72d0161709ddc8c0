import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { resourceDefinitions, toYaml } from '../../../hack/generate/crds.ts';
import { toStructuralSchema, type StructuralSchema } from '../../../hack/generate/structural-schema.ts';
import { liveChannelSpecSchema } from '../../../src/api/live-channel.ts';
import { reasons } from '../../../src/api/reasons.ts';

/** Paths of the fields without a description. */
function undescribed(schema: StructuralSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const fieldPath = `${path}.${name}`;
    return [
      ...(field.description === undefined ? [fieldPath] : []),
      ...undescribed(field.items ?? field, fieldPath),
    ];
  });
}

describe.each(resourceDefinitions.map((definition) => [definition.kind, definition] as const))(
  '%s',
  (_kind, definition) => {
    const schema = toStructuralSchema(definition.schema);

    test('describes every field of its spec', () => {
      expect(undescribed(schema.properties?.['spec'] ?? { type: 'object' }, 'spec')).toEqual([]);
    });

    test('has printer columns that refer to fields of its schema', () => {
      for (const { jsonPath } of definition.columns) {
        const [, part = '', field = ''] = jsonPath.split('.');
        if (part === 'metadata') continue;
        const name = field.replace(/\[.*/, '');
        expect(Object.keys(schema.properties?.[part]?.properties ?? {})).toContain(name);
      }
    });
  },
);

test('a spec with credentials only gets every default', () => {
  expect(liveChannelSpecSchema.parse({ agora: { credentialsRef: { name: 'agora' } } })).toMatchObject({
    streamMode: 'hybrid',
    suspend: false,
    relay: { mode: 'auto', replicas: 1, idle: { noHostSeconds: 0 } },
    fallback: { mode: 'none' },
    deletionPolicy: 'Delete',
  });
});

/** Fields that the sample does not set, or sets to their defaults. */
function notShown(schema: StructuralSchema, value: unknown, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const fieldPath = `${path}.${name}`;
    const set: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
    if (field.properties !== undefined) return notShown(field, set, fieldPath);
    return set === undefined || isDeepStrictEqual(set, field.default) ? [fieldPath] : [];
  });
}

test('the full sample has every field of the spec, with a value other than its default', async () => {
  const file = new URL('../../../manifests/samples/livechannel-full.yaml', import.meta.url);
  const { spec } = z.looseObject({ spec: z.unknown() }).parse(parse(await readFile(file, 'utf8')));
  // The channel of the sample is meant to go on air.
  expect(notShown(toStructuralSchema(liveChannelSpecSchema), spec, 'spec')).toEqual(['spec.suspend']);
});

test('a quantity written as a number is read as the equivalent Kubernetes quantity', () => {
  const { relay } = liveChannelSpecSchema.parse({
    agora: { credentialsRef: { name: 'agora' } },
    relay: { template: { resources: { requests: { cpu: 2, memory: '1Gi' } } } },
  });
  expect(relay.template?.resources?.requests).toEqual({ cpu: '2', memory: '1Gi' });
});

test('strings that YAML 1.1 reads as booleans are quoted', () => {
  expect(toYaml({ off: ['off', 'yes', 'no', 'on', 'plain'] })).toBe(
    '"off":\n  - "off"\n  - "yes"\n  - "no"\n  - "on"\n  - plain\n',
  );
});

test('every reason is one CamelCase word, and is explained in a sentence', () => {
  for (const [reason, { meaning }] of Object.entries(reasons)) {
    expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
    expect(meaning).toMatch(/\.$/);
  }
});
