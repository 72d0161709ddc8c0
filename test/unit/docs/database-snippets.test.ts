import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { appMigration, channelColumns, metricColumns } from '../../../src/store/app/contract-sql.ts';

let page: string;
beforeAll(async () => {
  page = await readFile(resolve(import.meta.dirname, '../../../docs/build/database.md'), 'utf8');
});

/** The code blocks of a language that contain a text. */
function block(language: string, text: string): string {
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const found = blocks.find(([, lang, code = '']) => lang === language && code.includes(text))?.[2];
  if (found === undefined) throw new Error(`no ${language} block with ${text}`);
  return found;
}

/** Column name -> type, as PostgreSQL writes it, with the default. */
type Columns = Readonly<Record<string, string>>;

/** The columns that `livechannel migrate` creates. */
const channels: Columns = channelColumns;
function metrics(): Columns {
  const created = /stream_metrics \(\n(.*?)\n\);/s.exec(appMigration('integer'))?.[1] ?? '';
  return Object.fromEntries(
    created.split(',\n').map((line) => {
      const [, name = '', type = ''] = /^\s*"?(\w+)"? (.*)$/.exec(line) ?? [];
      return [name, name === 'id' ? 'serial' : type.replace(/ references .*/, '')];
    }),
  );
}

test('the statements on the page are those that livechannel migrate --sql prints', () => {
  expect(block('sql', 'add column if not exists')).toBe(appMigration('integer'));
  expect(Object.keys(metrics())).toEqual([...metricColumns]);
});

test('the Prisma models have the columns, types and defaults', () => {
  const models = block('prisma', 'model StreamMetric');
  expect(prismaModel(models, 'Channel')).toEqual({ id: 'serial', ...channels });
  expect(prismaModel(models, 'StreamMetric')).toEqual(metrics());
  expect(models).toMatch(/@@map\("channels"\).*@@map\("stream_metrics"\)/s);
});

function prismaModel(text: string, name: string): Columns {
  const fields = new RegExp(String.raw`model ${name} \{\n(.*?)\n\}`, 's').exec(text)?.[1] ?? '';
  return Object.fromEntries(
    fields.split('\n').flatMap((line) => {
      const [field = '', type = '', ...rest] = line.trim().split(/\s+/);
      const attributes = rest.join(' ');
      if (field === '' || field.startsWith('@@') || /^(Channel|StreamMetric)\b/.test(type)) return [];
      const column = /@map\("(\w+)"\)/.exec(attributes)?.[1] ?? field;
      if (attributes.includes('autoincrement()')) return [[column, 'serial']];
      const length = /@db\.VarChar\((\d+)\)/.exec(attributes)?.[1];
      const sqlType = {
        'Int?': 'integer',
        'DateTime?': 'timestamptz',
        'String?': `varchar(${length ?? '?'})`,
      }[type];
      if (type === 'DateTime?') expect(attributes).toContain('@db.Timestamptz');
      return [[column, (sqlType ?? type) + defaultOf(/@default\((.*?)\)(?: |$)/.exec(attributes)?.[1])]];
    }),
  );
}

function defaultOf(value: string | undefined): string {
  if (value === undefined) return '';
  return ` default ${value.replaceAll('"', "'")}`;
}

/** Stands for the builders of the tool: it records what is called. */
const recorder = `
  const columns = {};
  const column = (name, type) => {
    const self = {
      primaryKey: () => self, references: () => self, onDelete: () => self,
      default: (value) => ((columns[name] = type + ' default ' + (typeof value === 'string' ? "'" + value + "'" : value)), self),
      defaultNow: () => ((columns[name] = type + ' default now()'), self),
    };
    columns[name] = type;
    self.defaultTo = (value) => (value === 'now' ? self.defaultNow() : self.default(value));
    return self;
  };
`;
const tablesSchema = z.record(z.string(), z.record(z.string(), z.string()));

async function evaluate(code: string): Promise<Readonly<Record<string, Columns>>> {
  const imported: unknown = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  return tablesSchema.parse(z.object({ tables: z.unknown() }).parse(imported).tables);
}

test('the Drizzle tables have the columns, types and defaults', async () => {
  const tables = await evaluate(`${recorder}
    export const tables = {};
    const pgTable = (name) => {
      tables[name] = { ...columns };
      for (const key of Object.keys(columns)) delete columns[key];
      return {};
    };
    const serial = (name) => column(name, 'serial');
    const integer = (name) => column(name, 'integer');
    const varchar = (name, { length }) => column(name, 'varchar(' + length + ')');
    const timestamp = (name, { withTimezone }) => column(name, withTimezone ? 'timestamptz' : 'timestamp');
    ${block('js', 'pgTable')}`);
  expect(tables).toEqual({ channels: { id: 'serial', ...channels }, stream_metrics: metrics() });
});

test('the Knex migration creates the columns, types and defaults', async () => {
  const tables = await evaluate(`${recorder}
    export const tables = {};
    const table = {
      string: (name, length) => column(name, 'varchar(' + length + ')'),
      integer: (name) => column(name, 'integer'),
      increments: (name) => column(name, 'serial'),
      timestamp: (name, { useTz }) => column(name, useTz ? 'timestamptz' : 'timestamp'),
      index: () => undefined,
    };
    const build = async (name, define) => {
      define(table);
      tables[name] = { ...columns };
      for (const key of Object.keys(columns)) delete columns[key];
    };
    const knex = { schema: { alterTable: build, createTable: build }, fn: { now: () => 'now' } };
    ${block('js', 'knex.schema')}
    await up(knex);`);
  expect(tables).toEqual({ channels, stream_metrics: metrics() });
});
