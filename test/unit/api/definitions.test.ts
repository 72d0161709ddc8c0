import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { resourceDefinitions, toYaml } from '../../../hack/generate/crds.ts';
import { toStructuralSchema, type StructuralSchema } from '../../../hack/generate/structural-schema.ts';
import { liveChannelSpecSchema } from '../../../src/api/live-channel.ts';
import { reasons } from '../../../src/api/reasons.ts';
import { anyValue } from '../../support/schema/any-object.ts';

/** The file of a CustomResourceDefinition. */
const writtenSchema = z.object({
  spec: z.object({
    versions: z.tuple([
      z.object({
        schema: z.object({
          openAPIV3Schema: z.object({
            properties: z.object({
              spec: z.custom<StructuralSchema>(),
              status: z.custom<StructuralSchema>(),
            }),
          }),
        }),
      }),
    ]),
  }),
});

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

describe.each(resourceDefinitions.map((definition) => [definition.kind, definition] as const))(
  'whatever the API server accepts as a %s',
  (kind, { plural, schema }) => {
    test('the operator can parse', async () => {
      const file = new URL(`../../../crds/livechannel.dev_${plural}.yaml`, import.meta.url);
      const { spec, status } = writtenSchema.parse(parse(await readFile(file, 'utf8'))).spec.versions[0]
        .schema.openAPIV3Schema.properties;
      const metadata = { name: 'show', namespace: 'shop', uid: 'any' };
      const object = fc.record({
        spec: anyValue(spec),
        status: fc.option(anyValue(status), { nil: undefined }),
      });
      fc.assert(
        fc.property(object, (given) => {
          const read = schema.safeParse({ apiVersion: 'livechannel.dev/v1alpha1', kind, metadata, ...given });
          expect(read.error?.issues ?? []).toEqual([]);
        }),
        { numRuns: 300 },
      );
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
