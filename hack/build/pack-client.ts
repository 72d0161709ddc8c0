import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { buildClient } from './client.ts';

const execute = promisify(execFile);

const packedSchema = z.tuple([z.object({ filename: z.string() })]);

/** Builds @livechannel/client and packs it with npm into FOLDER. Returns the path of the tarball. */
export async function packClient(checkout: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const built = await mkdtemp(join(tmpdir(), 'livechannel-client-'));
  try {
    await buildClient(checkout, built);
    const { stdout } = await execute('npm', ['pack', '--json', '--pack-destination', folder], { cwd: built });
    const [{ filename }] = packedSchema.parse(listOf(JSON.parse(stdout)));
    return join(folder, filename);
  } finally {
    await rm(built, { recursive: true });
  }
}

/** npm 12 names the packages; older ones list them. */
function listOf(packed: unknown): unknown {
  return Array.isArray(packed) ? packed : Object.values(z.record(z.string(), z.unknown()).parse(packed));
}
