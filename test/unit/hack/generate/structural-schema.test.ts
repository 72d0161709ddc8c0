import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { NotStructuralError, toStructuralSchema } from '../../../../hack/generate/structural-schema.ts';
import { crd } from '../../../../src/api/schema-meta.ts';

describe('conversion of a zod schema to a CustomResourceDefinition', () => {
  test('an object with required, optional and defaulted fields', () => {
    const schema = z.object({
      name: z.string().min(1).max(63).describe('Its name.'),
      replicas: z.int().min(1).max(2).default(1),
      port: z.int().optional(),
    });
    expect(toStructuralSchema(schema)).toEqual({
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', description: 'Its name.', minLength: 1, maxLength: 63 },
        replicas: { type: 'integer', format: 'int64', default: 1, minimum: 1, maximum: 2 },
        // Larger ones are no exact numbers in JavaScript.
        port: {
          ...{ type: 'integer', format: 'int64' },
          ...{ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
        },
      },
    });
  });

  test('strict and loose objects do not mention additional fields, which the API server prunes by itself', () => {
    for (const schema of [z.strictObject({ a: z.string() }), z.looseObject({ a: z.string() })])
      expect(toStructuralSchema(schema)).not.toHaveProperty('additionalProperties');
  });

  test('an object of defaults is set from an empty object', () => {
    const schema = z.object({
      relay: z.object({ mode: z.enum(['auto', 'never']).default('auto') }).prefault({}),
    });
    expect(toStructuralSchema(schema).properties?.['relay']).toMatchObject({
      default: {},
      properties: { mode: { type: 'string', default: 'auto', enum: ['auto', 'never'] } },
    });
  });

  test('maps, lists and times', () => {
    const schema = z.object({
      labels: z.record(z.string(), z.string()),
      hosts: z.array(z.string()).min(1),
      since: z.string().meta({ format: 'date-time' }),
    });
    expect(toStructuralSchema(schema).properties).toEqual({
      labels: { type: 'object', additionalProperties: { type: 'string' } },
      hosts: { type: 'array', minItems: 1, items: { type: 'string' } },
      since: { type: 'string', format: 'date-time' },
    });
  });

  test('extensions of Kubernetes are kept, also below optional()', () => {
    const rule = { rule: 'self.a != self.b', message: 'a and b must differ' };
    const schema = z.object({
      pair: crd(z.object({ a: z.string(), b: z.string() }), {
        'x-kubernetes-validations': [rule],
      }).optional(),
      conditions: crd(z.array(z.object({ type: z.string() })), {
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      }),
      free: crd(z.record(z.string(), z.unknown()), {
        'x-kubernetes-preserve-unknown-fields': true,
      }).optional(),
    });
    const { properties } = toStructuralSchema(schema);
    expect(properties?.['pair']?.['x-kubernetes-validations']).toEqual([rule]);
    expect(properties?.['conditions']).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    });
    expect(properties?.['free']).toEqual({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
  });

  test('a quantity is an integer or a string with a pattern', () => {
    const quantity = crd(z.union([z.string().regex(/^\d+$/), z.number()]), {
      'x-kubernetes-int-or-string': true,
    });
    expect(toStructuralSchema(z.object({ cpu: quantity })).properties?.['cpu']).toEqual({
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      pattern: String.raw`^\d+$`,
      'x-kubernetes-int-or-string': true,
    });
  });
});

describe('what cannot be expressed is rejected, with its path', () => {
  test.each([
    ['a union', z.object({ spec: z.object({ either: z.union([z.string(), z.boolean()]) }) }), '.spec.either'],
    ['a tuple', z.object({ pair: z.tuple([z.string(), z.string()]) }), '.pair'],
    ['anything', z.object({ list: z.array(z.unknown()) }), '.list[]'],
  ])('%s', (_name, schema, place) => {
    expect(() => toStructuralSchema(schema)).toThrow(NotStructuralError);
    expect(() => toStructuralSchema(schema)).toThrow(place);
  });
});
