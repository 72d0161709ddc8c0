/** Digits of a sid that decide: 32 random bits. */
const DIGITS = 8;

/**
 * Whether a player is in a sample of this share, from 0 to 1. A smaller sample is a part of each larger one, and player and
 * service come to the same result.
 */
export function isSampled(sid: string, share: number): boolean {
  return Number.parseInt(sid.slice(0, DIGITS), 16) < share * 16 ** DIGITS;
}
