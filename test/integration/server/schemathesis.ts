import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { foldersFrom } from '../../../hack/tools/folders.ts';

const exec = promisify(execFile);

// renovate: datasource=pypi depName=schemathesis
const SCHEMATHESIS = '4.32.5';

/** schemathesis (https://schemathesis.io): installed once into the cache, for all checkouts. */
export async function schemathesis(): Promise<readonly [python: string, ...args: string[]]> {
  const folder = join(foldersFrom(process.env).cache, 'python', `schemathesis-${SCHEMATHESIS}`);
  const python = join(folder, 'bin', 'python');
  if (!(await exists(python))) {
    const draft = `${folder}.${String(process.pid)}`;
    await mkdir(draft, { recursive: true });
    try {
      await exec('python3', ['-m', 'venv', draft]);
      const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
      await exec(join(draft, 'bin', 'python'), [...install, `schemathesis==${SCHEMATHESIS}`]);
      // Another process may have been faster; its copy is used then.
      await rename(draft, folder).catch(async (error: unknown) => {
        if (!(await exists(python))) throw error;
      });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  return [python, '-m', 'schemathesis.cli'];
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
