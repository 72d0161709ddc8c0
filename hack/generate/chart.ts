import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { GROUP } from '../../src/api/names.ts';
import { chartValuesJsonSchema, chartValuesSchema } from './chart-values.ts';
import { customResourceDefinition, generatedNotice, resourceDefinitions, toYaml } from './crds.ts';
import { code, table, withSection } from './markdown.ts';

const chart = 'charts/livechannel-operator';

/** The generated parts of the chart: its CRDs, the schema of its values, and the table in its README. */
export async function chartFiles(root: string): Promise<Map<string, string>> {
  const values: unknown = parse(await readFile(join(root, chart, 'values.yaml'), 'utf8'));
  const readme = await readFile(join(root, chart, 'README.md'), 'utf8');
  return new Map([
    ...resourceDefinitions.map((definition): [string, string] => [
      `${chart}/templates/crds/${GROUP}_${definition.plural}.yaml`,
      crdTemplate(toYaml(customResourceDefinition(definition))),
    ]),
    [`${chart}/values.schema.json`, chartValuesJsonSchema()],
    [`${chart}/README.md`, withValuesTable(readme, values)],
  ]);
}

/** The definition as a template, with the chart's conditions around it. */
export function crdTemplate(crd: string): string {
  if (crd.includes('{{')) throw new Error('a definition contains "{{", which helm would parse as a template');
  const switches = `  labels:
    {{- include "livechannel.labels" (list . "crds") | nindent 4 }}
  {{- if .Values.crds.keep }}
  annotations:
    helm.sh/resource-policy: keep
  {{- end }}
`;
  const spec = crd.indexOf('\nspec:\n') + 1;
  return `${generatedNotice}{{- if .Values.crds.enabled }}\n${crd.slice(0, spec)}${switches}${crd.slice(spec)}{{- end }}\n`;
}

function withValuesTable(readme: string, values: unknown): string {
  const rows = valueRows(chartValuesSchema, values, '');
  const text = table(
    ['Value', 'Default', 'Meaning'],
    rows.map((row) => [code(row.path), code(row.value), row.meaning]),
  );
  return withSection(readme, `${chart}/README.md`, 'values', text);
}

interface ValueRow {
  readonly path: string;
  readonly value: string;
  readonly meaning: string;
}

/**
 * One row for every leaf of the schema. The values of a free map or list are one leaf. What is optional has a row if
 * values.yaml has a default for it.
 */
function valueRows(given: z.ZodType, value: unknown, path: string): ValueRow[] {
  const inner = given instanceof z.ZodOptional ? given.unwrap() : given;
  const schema = inner instanceof z.ZodType ? inner : given;
  if (schema instanceof z.ZodObject && schema.def.catchall instanceof z.ZodNever) {
    const fields = z.record(z.string(), z.unknown()).parse(value);
    return Object.entries(schema.shape)
      .filter(([name]) => name !== 'global')
      .flatMap(([name, field]) => {
        const fieldPath = path === '' ? name : `${path}.${name}`;
        if (field instanceof z.ZodOptional && !(name in fields)) return [];
        if (field instanceof z.ZodType && name in fields) return valueRows(field, fields[name], fieldPath);
        throw new Error(`values.yaml has no ${fieldPath}: every value must have its default there`);
      });
  }
  return [{ path, value: JSON.stringify(value), meaning: given.description ?? schema.description ?? '' }];
}
