import { execFile } from 'node:child_process';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { z } from 'zod';

const execute = promisify(execFile);

/** The code of a package, and where it comes from. */
export interface PackageCode {
  /** The files of the package, without the extension, and the files of src that they are built from. */
  readonly entries: Readonly<Record<string, string>>;
  /** First line of each file. */
  readonly banner?: string;
}

/** Writes a module for each entry into FOLDER, and chunk-*.js for what they share. The app has all dependencies. */
export async function writeCode(checkout: string, folder: string, code: PackageCode): Promise<void> {
  const { entries, banner } = code;
  await build({
    absWorkingDir: checkout,
    entryPoints: Object.fromEntries(
      Object.entries(entries).map(([name, path]) => [name, join('src', `${path}.ts`)]),
    ),
    outdir: folder,
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    jsx: 'automatic',
    ...(banner === undefined ? {} : { banner: { js: banner } }),
    logLevel: 'warning',
  });
}

/** The types of a package, and where they come from. */
export interface PackageTypes {
  /** The tsconfig.json that declares them; its rootDir is src. */
  readonly project: string;
  /** The subpaths of the package, and the files of src that declare their types, without the extension. */
  readonly entries: Readonly<Record<string, string>>;
  /** Modules whose types the app has. */
  readonly external: readonly (string | RegExp)[];
  /** Files of src whose declarations are replaced. */
  readonly replaced?: Readonly<Record<string, string>>;
}

/** Writes one declaration file for each entry into FOLDER, and chunks for what they share. */
export async function writeTypes(checkout: string, folder: string, types: PackageTypes): Promise<void> {
  const { project, entries, external, replaced = {} } = types;
  const declared = join(folder, 'declared');
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
  await execute(process.execPath, [tsc, '-p', project, '--outDir', declared], { cwd: checkout });
  for (const [path, text] of Object.entries(replaced)) await writeFile(join(declared, `${path}.d.ts`), text);
  const bundle = await rolldown({
    input: Object.fromEntries(
      Object.entries(entries).map(([name, path]) => [name, join(declared, `${path}.d.ts`)]),
    ),
    external: [...external],
    plugins: [dts({ dtsOnly: true })],
    logLevel: 'warn',
    // A busy machine is no fault of the package, and standard output is for the path of the tarball.
    checks: { bundlerTimings: false },
  });
  await bundle.write({ dir: folder, entryFileNames: '[name].ts', chunkFileNames: '[name].d.ts' });
  await bundle.close();
  await rm(declared, { recursive: true });
}

/** Writes package.json, with the version of the project, README.md and LICENSE into FOLDER. */
export async function writeDocuments(checkout: string, folder: string, source: string): Promise<void> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')));
  const manifest = z
    .looseObject({ name: z.string() })
    .parse(JSON.parse(await readFile(join(checkout, source, 'package.json'), 'utf8')));
  const { name, ...rest } = manifest;
  await writeFile(
    join(folder, 'package.json'),
    `${JSON.stringify({ name, version, ...rest }, undefined, 2)}\n`,
  );
  await copyFile(join(checkout, source, 'README.md'), join(folder, 'README.md'));
  await copyFile(join(checkout, 'LICENSE'), join(folder, 'LICENSE'));
}
