import { tmpdir } from 'node:os';
import { z } from 'zod';
import { operatorSettingsSchema } from '../../src/operator/settings.ts';
import { environmentName, originSettingsSchema } from '../../src/origin/settings.ts';
import { relaySettingsSchema } from '../../src/relay/settings.ts';
import { apiSettingsSchema } from '../../src/server/settings.ts';
import { code, generatedNotice, table } from './markdown.ts';

interface Part {
  readonly command: string;
  readonly about: string;
  readonly schema: z.ZodObject;
  /** From the name in the schema to the variable in the environment. */
  readonly variable: (name: string) => string;
}

const asItIs = (name: string): string => name;

const parts: readonly Part[] = [
  { command: 'operator', about: 'The chart sets these.', schema: operatorSettingsSchema, variable: asItIs },
  { command: 'api', about: 'The chart sets these.', schema: apiSettingsSchema, variable: asItIs },
  {
    command: 'relay',
    about: 'All about the channel is in the file that `--config` names; these tell what the image has.',
    schema: relaySettingsSchema,
    variable: asItIs,
  },
  {
    command: 'origin',
    about: 'Each is a flag, too: `LIVECHANNEL_ORIGIN_PUBLIC_URL` is `--public-url`.',
    schema: originSettingsSchema,
    variable: environmentName,
  },
];

const fieldSchema = z.object({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

/** docs/reference/settings.md: the environment of every command. */
export function settingsReference(): string {
  return [
    generatedNotice,
    '# Settings\n',
    'Read from the environment and checked at the start. Fields marked with * are required.\n',
    ...parts.map(
      ({ command, about, schema, variable }) =>
        `## livechannel ${command}\n\n${about}\n\n${table(['Variable', 'Values', 'Default', 'Meaning'], rows(schema, variable))}\n`,
    ),
  ].join('\n');
}

function rows(schema: z.ZodObject, variable: (name: string) => string): string[][] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => {
    const field = fieldSchema.parse(property);
    const flag = flagOf(schema.shape, name);
    const preset = flag ?? field.default;
    return [
      code(variable(name)) + (required.includes(name) ? ' *' : ''),
      flag === undefined ? valuesOf(field) : [true, false].map((value) => code(String(value))).join(', '),
      preset === undefined || preset === '' ? '' : code(presetText(preset)),
      field.description ?? '',
    ];
  });
}

/**
 * What a setting that is true or false is by default; undefined for all others. JSON Schema knows it only as the text
 * that it is in the environment.
 */
function flagOf(shape: Readonly<Record<string, z.core.$ZodType>>, name: string): boolean | undefined {
  const field = shape[name];
  if (field === undefined) return undefined;
  const { data } = z.boolean().safeParse(z.safeParse(field, undefined).data);
  return data;
}

/** The folder for temporary files is the image's, not that of the machine that this runs on. */
function presetText(preset: unknown): string {
  return String(preset).replace(tmpdir(), '/tmp');
}

function valuesOf(field: z.infer<typeof fieldSchema>): string {
  if (field.enum !== undefined) return field.enum.map(code).join(', ');
  if (field.type === 'integer' || field.type === 'number') {
    const { minimum, maximum } = field;
    const high = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`;
    return minimum === undefined ? 'number' : `${minimum}${high === '' ? ' or more' : high}`;
  }
  return 'text';
}
