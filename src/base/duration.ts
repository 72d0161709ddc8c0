import { UserError } from './errors.ts';

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/**
 * Parses a duration such as 90s, 15m, 1h or 2d.
 * @returns seconds, more than 0
 * @throws UserError for any other text
 */
export function parseDuration(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(number) * (UNIT_SECONDS[unit] ?? 0);
  if (seconds > 0) return seconds;
  throw new UserError(`"${text}" is not a duration: write 90s, 15m, 1h or 2d`);
}
