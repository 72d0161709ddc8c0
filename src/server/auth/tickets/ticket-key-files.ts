import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../../base/error-text.ts';

/** A key of tickets. Its bytes must not be shown. */
export interface TicketKey {
  /** The name of its file, and `kid` of the tickets that it signs. */
  readonly id: string;
  readonly secret: Uint8Array;
}

/**
 * Reads the keys of a mounted Secret: one file for each key, whose name is the key's id. As bytes, because a key of random
 * bytes is not text. No keys if the folder does not exist. Kubernetes' own entries (..data) are left out.
 */
export async function readTicketKeys(folder: string): Promise<readonly TicketKey[]> {
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    return await Promise.all(
      names.map(async (name) => ({ id: name, secret: new Uint8Array(await readFile(join(folder, name))) })),
    );
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
