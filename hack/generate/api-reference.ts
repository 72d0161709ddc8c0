import { API_VERSION } from '../../src/api/names.ts';
import { objectSchema, resourceDefinitions, type ResourceDefinition } from './crds.ts';
import { code, generatedNotice, table } from './markdown.ts';
import type { StructuralSchema } from './structural-schema.ts';

/** docs/reference/api.md: every field of every kind, as the API server validates it. */
export function apiReference(): string {
  return [
    generatedNotice,
    `# Resources of ${API_VERSION}\n`,
    'Fields marked with * are required. `kubectl explain livechannel.spec --recursive` says the same.\n',
    ...resourceDefinitions.map(kindReference),
  ].join('\n');
}

function kindReference(definition: ResourceDefinition): string {
  const { properties = {} } = objectSchema(definition);
  const { spec, status } = properties;
  const scope = definition.scope === 'Namespaced' ? 'Namespaced' : 'Cluster-scoped';
  return [
    `## ${definition.kind}\n`,
    `${definition.description} ${scope}; short name ${definition.shortNames.map(code).join(', ')}.\n`,
    ...(spec === undefined ? [] : [fields(spec, 'spec'), rules(spec)]),
    ...(status === undefined ? [] : [fields(status, 'status')]),
  ].join('\n');
}

function fields(schema: StructuralSchema, path: string): string {
  const rows = fieldRows(schema, path);
  return `### ${path}\n\n${table(['Field', 'Type', 'Default', 'Meaning'], rows)}\n`;
}

function fieldRows(schema: StructuralSchema, path: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const fieldPath = `${path}.${name}`;
    const mark = schema.required?.includes(name) === true ? ' *' : '';
    const inner = field.items ?? field;
    const suffix = field.items === undefined ? '' : '[]';
    return [
      [
        code(fieldPath.replace(/^(spec|status)\./, '')) + mark,
        typeOf(field),
        field.default === undefined || isEmptyObject(field.default)
          ? ''
          : code(JSON.stringify(field.default)),
        field.description ?? '',
      ],
      ...fieldRows(inner, `${fieldPath}${suffix}`),
    ];
  });
}

/** The type with its limits, in words. */
export function typeOf(schema: StructuralSchema): string {
  if (schema['x-kubernetes-int-or-string'] === true) return `integer or string${limits(schema)}`;
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(', ');
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}${limits(schema)}`;
  if (schema.additionalProperties !== undefined) return `map of ${typeOf(schema.additionalProperties)}`;
  if (schema.format === 'date-time') return 'time (RFC 3339)';
  return `${schema.type ?? 'anything'}${limits(schema)}`;
}

function limits(schema: StructuralSchema): string {
  const range = (low: number | undefined, high: number | undefined, unit: string): string[] => {
    if (low !== undefined && high !== undefined) return [`${low} to ${high}${unit}`];
    if (low !== undefined) return [`at least ${low}${unit}`];
    return high === undefined ? [] : [`at most ${high}${unit}`];
  };
  const said = [
    ...range(schema.minimum, schema.maximum, ''),
    ...range(schema.minLength, schema.maxLength, ' characters'),
    ...range(schema.minItems, schema.maxItems, ' items'),
    ...(schema.pattern === undefined ? [] : [code(schema.pattern)]),
  ];
  return said.length === 0 ? '' : `, ${said.join(', ')}`;
}

function rules(schema: StructuralSchema): string {
  const validations = schema['x-kubernetes-validations'] ?? [];
  if (validations.length === 0) return '';
  return `Rules:\n\n${validations.map(({ message }) => `- ${message}`).join('\n')}\n`;
}

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  );
}
