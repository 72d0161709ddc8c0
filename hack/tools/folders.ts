import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const checkout = resolve(import.meta.dirname, '../..');

export interface Folders {
  /** This checkout. */
  readonly checkout: string;
  /** Built tools and downloads, keyed by version. Shared by checkouts; may be deleted at any time. */
  readonly cache: string;
  /** The state of this checkout's running programs. */
  readonly local: string;
}

/** The folders of the developer's tools, as the root Makefile exports them, or the same defaults. */
export function foldersFrom(environment: Readonly<Record<string, string | undefined>>): Folders {
  const userCache = environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? homedir(), '.cache');
  return {
    checkout,
    cache: resolve(environment['LIVECHANNEL_CACHE'] ?? join(userCache, 'livechannel-operator')),
    local: resolve(environment['LIVECHANNEL_LOCAL'] ?? join(checkout, '.local')),
  };
}
