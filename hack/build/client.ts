import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { z } from 'zod';

const execute = promisify(execFile);

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
  await Promise.all([code(checkout, folder), types(checkout, folder), documents(checkout, folder)]);
}

async function code(checkout: string, folder: string): Promise<void> {
  await build({
    absWorkingDir: checkout,
    entryPoints: [...entries, ...parts].map((entry) => join('src', 'client', `${entry}.ts`)),
    outdir: folder,
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    logLevel: 'warning',
  });
}

async function types(checkout: string, folder: string): Promise<void> {
  const declared = join(folder, 'declared');
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
  const project = join('hack', 'build', 'client.tsconfig.json');
  await execute(process.execPath, [tsc, '-p', project, '--outDir', declared], { cwd: checkout });
  // The context of a procedure is part of a router's type, and means nothing to a client.
  await writeFile(join(declared, 'server/trpc/context.d.ts'), 'export interface TrpcContext {}\n');
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, join(declared, 'client', `${entry}.d.ts`)])),
    external: [/^@trpc\//, 'zod', 'eventsource'],
    plugins: [dts({ dtsOnly: true })],
    logLevel: 'warn',
  });
  await bundle.write({ dir: folder, entryFileNames: '[name].ts', chunkFileNames: '[name].d.ts' });
  await bundle.close();
  await rm(declared, { recursive: true });
}

async function documents(checkout: string, folder: string): Promise<void> {
  const source = join(checkout, 'src', 'client', 'package');
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')));
  const manifest = z
    .looseObject({ name: z.string() })
    .parse(JSON.parse(await readFile(join(source, 'package.json'), 'utf8')));
  const { name, ...rest } = manifest;
  await writeFile(
    join(folder, 'package.json'),
    `${JSON.stringify({ name, version, ...rest }, undefined, 2)}\n`,
  );
  await cp(join(source, 'README.md'), join(folder, 'README.md'));
  await copyFile(join(checkout, 'LICENSE'), join(folder, 'LICENSE'));
}
