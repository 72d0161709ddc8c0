import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const checkout = resolve(import.meta.dirname, '../../..');

/** A file of an app: its path and content. */
export interface Module {
  readonly path: string;
  readonly text: string;
}

/** A block whose first line is a comment with a path becomes that file; any other becomes a separate module. */
export function moduleOf(block: string, index: number): Module {
  const path = /^\/\/ ([\w./-]+\.tsx?)\n/.exec(block)?.[1] ?? `block-${String(index + 1)}.ts`;
  return { path, text: block };
}

/** The errors of tsc for these modules of one app, one line each. The modules see only what an app installs. */
export async function compileErrors(modules: readonly Module[]): Promise<string[]> {
  // Inside of the checkout: the imported packages are there.
  await mkdir(join(checkout, '.local'), { recursive: true });
  const folder = await mkdtemp(join(checkout, '.local/docs-blocks-'));
  try {
    const config = {
      extends: '../../tsconfig.json',
      compilerOptions: {
        lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable'],
        jsx: 'react-jsx',
        // Module resolution like a page's bundler.
        module: 'esnext',
        moduleResolution: 'bundler',
        noUnusedLocals: false,
        noUnusedParameters: false,
        paths: {
          '@livechannel/client': ['../../src/client/public.ts'],
          '@livechannel/client/services': ['../../src/client/services.ts'],
          '@livechannel/client/trpc': ['../../src/client/trpc.ts'],
          '@livechannel/react': ['../../src/web/player/public.ts'],
          '@livechannel/react/seller': ['../../src/web/seller/public.ts'],
        },
      },
      // The player is compiled from its sources, which have one declaration beside them.
      include: ['**/*.ts', '**/*.tsx', '../../src/web/player/engines/hls-light.d.ts'],
      exclude: [],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    // The packed player has declarations of its style sheets.
    await writeFile(join(folder, 'style-sheets.d.ts'), "declare module '*.css';\n");
    for (const { path, text } of modules) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), `${text}\nexport {};\n`);
    }
    const output = await new Promise<string>((done) => {
      const tsc = join(checkout, 'node_modules/typescript/bin/tsc');
      execFile(
        process.execPath,
        [tsc, '--pretty', 'false', '-p', '.'],
        { cwd: folder },
        (_error, stdout, stderr) => {
          done(stdout + stderr);
        },
      );
    });
    return output.split('\n').filter((line) => line !== '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
