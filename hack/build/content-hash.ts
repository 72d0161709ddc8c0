import { createHash } from 'node:crypto';
import { glob, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The hash of files and folders (paths or `*.x` patterns relative to ROOT): names, contents and whether they are
 * executable. `salt` is anything else that the result depends on.
 */
export async function contentHash(
  root: string,
  paths: readonly string[],
  salt: readonly string[],
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(salt));
  for (const path of paths) {
    const files = await filesOf(root, path);
    if (files.length === 0)
      throw new Error(`${join(root, path)} is missing. If it is in dist/, run "make build".`);
    for (const file of files) {
      const content = await readFile(join(root, file));
      const executable = ((await stat(join(root, file))).mode & 0o100) !== 0;
      hash.update(JSON.stringify([file, executable, content.length])).update(content);
    }
  }
  return hash.digest('hex');
}

async function filesOf(root: string, path: string): Promise<string[]> {
  const patterns = path.includes('*') ? [path] : [path, `${path}/**`];
  const files: string[] = [];
  for await (const entry of glob(patterns, { cwd: root, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name).slice(root.length + 1));
  }
  return [...new Set(files)].sort();
}
