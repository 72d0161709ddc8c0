import type { PlatformView } from '../service/procedures.ts';

/** How much of its quota a platform uses. */
export interface QuotaUse {
  /** Between 0 and 1; undefined: there is no limit, or a number is unknown. */
  readonly share: number | undefined;
  readonly full: boolean;
}

/** A limit of 0 is full: such a platform admits no channel. */
export function quotaUse({ used, limit }: PlatformView['quota']): QuotaUse {
  if (used === null || limit === null) return { share: undefined, full: false };
  return { share: limit === 0 ? 1 : Math.min(1, used / limit), full: used >= limit };
}
