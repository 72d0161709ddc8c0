import { z } from 'zod';

/**
 * Converts a zod schema into what a CustomResourceDefinition accepts: a structural OpenAPI v3 schema
 * (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema).
 * What cannot be expressed there is refused here, at generation, instead of by the API server at installation.
 */
export interface StructuralSchema {
  /** Absent only with x-kubernetes-int-or-string. */
  type?: string;
  format?: string;
  description?: string;
  nullable?: boolean;
  default?: unknown;
  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  required?: string[];
  properties?: Record<string, StructuralSchema>;
  additionalProperties?: StructuralSchema;
  items?: StructuralSchema;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  anyOf?: readonly { type: string }[];
  'x-kubernetes-validations'?: readonly { readonly message: string }[];
}

/** A zod schema uses a feature that a CustomResourceDefinition cannot express. */
export class NotStructuralError extends Error {
  readonly code = 'NOT_STRUCTURAL';

  constructor(path: string, problem: string) {
    super(`${path === '' ? 'the root' : path}: ${problem}`);
    this.name = 'NotStructuralError';
  }
}

/** Keywords that are copied unchanged, in the order in which they are written. */
const carried = [
  'nullable',
  'default',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'required',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
] as const;

/** Keywords that the API server does not need, or that are handled by name below. */
const known = new Set<string>([
  ...carried,
  '$schema',
  'type',
  'format',
  'description',
  'properties',
  'additionalProperties',
  'items',
]);

type Json = z.core.JSONSchema.BaseSchema;

/**
 * The schema of what a user may write (`io: input`): fields with a default are optional, and the API server sets them.
 */
export function toStructuralSchema(schema: z.ZodType): StructuralSchema {
  return convert(z.toJSONSchema(schema, { io: 'input', target: 'openapi-3.0' }), '');
}

function convert(json: Json | boolean, path: string): StructuralSchema {
  if (typeof json === 'boolean') throw new NotStructuralError(path, 'needs a type');
  const { type, description, properties, items } = json;
  if (type === undefined && json['x-kubernetes-preserve-unknown-fields'] === true)
    return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  if (json['x-kubernetes-int-or-string'] === true) return intOrString(json, path);
  for (const word of Object.keys(json)) {
    if (!known.has(word))
      throw new NotStructuralError(path, `"${word}" is not allowed in a structural schema`);
  }
  if (typeof type !== 'string') throw new NotStructuralError(path, 'needs one type');

  const format = type === 'integer' ? 'int64' : json.format;
  return {
    type,
    ...(format === undefined ? {} : { format }),
    ...(description === undefined ? {} : { description }),
    ...carriedWords(json),
    ...(properties === undefined || Object.keys(properties).length === 0
      ? mapValues(json, path)
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [
              name,
              convert(property, `${path}.${name}`),
            ]),
          ),
        }),
    ...(items === undefined ? {} : { items: convert(itemsOf(items, path), `${path}[]`) }),
  };
}

/** The only union that Kubernetes supports: an integer or a string, which may have a pattern. */
function intOrString(json: Json, path: string): StructuralSchema {
  const strings = (json.anyOf ?? []).filter(
    (branch) => typeof branch === 'object' && branch.type === 'string',
  );
  const [text] = strings;
  if (typeof text !== 'object')
    throw new NotStructuralError(path, 'int-or-string needs a union with a string');
  // The API server requires the union in exactly this form, and the pattern beside it.
  return {
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    ...(text.pattern === undefined ? {} : { pattern: text.pattern }),
    'x-kubernetes-int-or-string': true,
  };
}

function carriedWords(json: Json): Partial<StructuralSchema> {
  const words: Record<string, unknown> = {};
  for (const word of carried) {
    const value = json[word];
    // The bounds that zod gives every integer are among them: what the API server accepts, the operator has to read.
    if (value !== undefined) words[word] = value;
  }
  return words;
}

/** A record becomes a map. additionalProperties of a strict or loose object are not allowed beside properties. */
function mapValues(json: Json, path: string): Pick<StructuralSchema, 'additionalProperties'> {
  const values = json.additionalProperties;
  if (values === undefined || values === false) return {};
  if (json['x-kubernetes-preserve-unknown-fields'] === true) return {};
  return { additionalProperties: convert(values, `${path}[*]`) };
}

function itemsOf(items: NonNullable<Json['items']>, path: string): Json | boolean {
  if (Array.isArray(items))
    throw new NotStructuralError(path, 'tuples are not allowed in a structural schema');
  return items;
}
