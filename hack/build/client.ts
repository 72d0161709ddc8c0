import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCode, writeDocuments, writeTypes } from './npm-package.ts';

/** The subpaths of the package, each a file of src/client. */
const entries = ['public', 'services', 'trpc'] as const;

/** Files of their own, so that an app's bundler drops what it does not use: a client alone needs no zod. */
const parts = ['client', 'schemas', 'problem'] as const;

/**
 * Builds the package @livechannel/client into FOLDER, ready for `npm pack`:
 *
 *   package.json, README.md, LICENSE   the version is the project's
 *   public.js, services.js, trpc.js     run in Node and, bundled by the app, in browsers; chunk-*.js are what they share
 *   *.d.ts                             their types, without those of the server's own dependencies
 */
export async function buildClient(checkout: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all([
    writeCode(checkout, folder, { entries: inClient([...entries, ...parts]) }),
    writeTypes(checkout, folder, {
      project: join('hack', 'build', 'client.tsconfig.json'),
      entries: inClient(entries),
      external: [/^@trpc\//, 'zod', 'eventsource'],
      // The context of a procedure is part of a router's type, and means nothing to a client.
      replaced: { 'server/trpc/context': 'export interface TrpcContext {}\n' },
    }),
    writeDocuments(checkout, folder, join('src', 'client', 'package')),
  ]);
}

const inClient = (names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, `client/${name}`]));
