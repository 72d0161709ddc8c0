import { mountedBytes } from '../../services/mounted-files.ts';

/** A key of tickets. Its bytes must not be shown. */
export interface TicketKey {
  /** The name of its file, and `kid` of the tickets that it signs. */
  readonly id: string;
  readonly secret: Uint8Array;
}

/**
 * Reads the keys of a mounted Secret: one file for each key, whose name is the key's id. As bytes, because a key of random
 * bytes is not text. No keys if the folder does not exist.
 */
export async function readTicketKeys(folder: string): Promise<readonly TicketKey[]> {
  const files = (await mountedBytes(folder)) ?? [];
  return Array.from(files, ([id, bytes]) => ({ id, secret: new Uint8Array(bytes) }));
}
