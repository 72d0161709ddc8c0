import { readFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import type { Access } from './access.ts';
import { ConfigurationError } from './errors.ts';

/** The kubelet renews a projected token at 80% of its lifetime of an hour or more: caching it for a minute is safe. */
const TOKEN_CACHE_MS = 60_000;

/** Authorization with a token that is read again regularly: the kubelet replaces it in its file while the pod runs. */
export function tokenFile(path: string, clock: Clock): Access['authorization'] {
  let header: string | undefined;
  let readAt = 0;
  return async (refresh) => {
    if (header === undefined || refresh || clock.monotonic() - readAt > TOKEN_CACHE_MS) {
      header = `Bearer ${(await readText(path)).trim()}`;
      readAt = clock.monotonic();
    }
    return header;
  };
}

/** Reads a file. @throws ConfigurationError if it cannot be read */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(
      `cannot read ${path}: set KUBECONFIG or --kubeconfig to a readable kubeconfig, or run in a pod with a service account`,
      { cause },
    );
  }
}
