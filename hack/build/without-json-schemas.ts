import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

/** The modules of zod that write JSON Schemas. Each schema refers to them, so that a bundler cannot drop them. */
const jsonSchemaModule = /\/zod\/v4\/core\/(?:to-json-schema|json-schema-processors)\.js$/;
const exported = /^export (?:const|function) (\w+)/gm;

/**
 * Leaves out of a bundle what zod needs to write JSON Schemas, some 5 kB compressed: pages check values, and
 * the service alone documents its schemas. What would use it fails there, such as `toJSONSchema` and the getter `minValue`.
 */
export const withoutJsonSchemas: Plugin = {
  name: 'without-json-schemas',
  async load(id) {
    if (!jsonSchemaModule.test(id)) return null;
    const source = await readFile(id, 'utf8');
    const names = [...source.matchAll(exported)].map(([, name]) => name);
    return names.map((name) => `export const ${name} = ${leftOut(name)};`).join('\n');
  },
};

/** Schemas call the functions that create methods when they are constructed; the methods themselves fail. */
function leftOut(name = ''): string {
  const fails = `() => { throw new Error('${name} is left out of this bundle'); }`;
  return name.startsWith('create') ? `() => ${fails}` : fails;
}
