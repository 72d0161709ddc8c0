import type { ApiKeyView } from '../../../server/contract/api-keys.ts';
import type { Tone } from '../channel/channel-state.ts';

/** Time enough to replace a key. */
const EXPIRES_SOON_MS = 7 * 24 * 3_600_000;

export type KeyState = 'active' | 'expiring' | 'expired' | 'revoked';

export function keyStateOf(
  { expiresAt, revokedAt }: Pick<ApiKeyView, 'expiresAt' | 'revokedAt'>,
  now: number,
): KeyState {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt === null) return 'active';
  const left = Date.parse(expiresAt) - now;
  if (left <= 0) return 'expired';
  return left <= EXPIRES_SOON_MS ? 'expiring' : 'active';
}

export const keyTones: Readonly<Record<KeyState, Tone>> = {
  active: 'good',
  expiring: 'fair',
  expired: 'quiet',
  revoked: 'quiet',
};

export interface KeyWithState {
  readonly apiKey: ApiKeyView;
  readonly state: KeyState;
}

/** Keys with which calls are accepted, and those with which they no longer are; the newest first. */
export function sortedKeys(
  keys: readonly ApiKeyView[],
  now: number,
): { readonly inUse: readonly KeyWithState[]; readonly ended: readonly KeyWithState[] } {
  const all = keys
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
    .map((apiKey) => ({ apiKey, state: keyStateOf(apiKey, now) }));
  const works = ({ state }: KeyWithState): boolean => state === 'active' || state === 'expiring';
  return { inUse: all.filter(works), ended: all.filter((each) => !works(each)) };
}
