import { access } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { foldersFrom } from '../../../hack/tools/folders.ts';
import { outcomeOf } from './installed-app.ts';

const oldestNode = '22.12.0';

/**
 * The oldest Node that the client supports, from npm, kept in the user's cache. undefined where npm has none for this
 * machine.
 */
export async function olderNode(): Promise<string | undefined> {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(foldersFrom(process.env).cache, 'node', `${name}-${oldestNode}`);
  const path = join(folder, 'node_modules', name, 'bin', 'node');
  if (await exists(path)) return path;
  await mkdir(folder, { recursive: true });
  const install = ['install', '--prefix', folder, '--prefer-offline', '--no-audit', '--no-fund', '--no-save'];
  const { code, text } = await outcomeOf('npm', [...install, `${name}@${oldestNode}`], folder);
  if (code === 0) return path;
  if (/E404|ETARGET/.test(text)) return undefined;
  throw new Error(`npm install ${name}@${oldestNode}: ${text}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
