import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { buildClient } from './client.ts';
import { buildPlayer } from './player.ts';

const execute = promisify(execFile);

const packedSchema = z.tuple([z.object({ filename: z.string() })]);

const builders = { client: buildClient, player: buildPlayer } as const;

/** The packages of this project: `client` is @livechannel/client, `player` is @livechannel/react. */
export type NpmPackage = keyof typeof builders;
export const npmPackages: readonly NpmPackage[] = ['client', 'player'];

/** Builds a package and packs it with npm into FOLDER. Returns the path of the tarball. */
export async function pack(name: NpmPackage, checkout: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const built = await mkdtemp(join(tmpdir(), `livechannel-${name}-`));
  try {
    await builders[name](checkout, built);
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
