import { z } from 'zod';

/** An environment variable that may be missing. Empty counts as missing: a chart renders an unset value as empty. */
export const optionalText = z
  .string()
  .optional()
  .transform((value) => (value === '' ? undefined : value));

/** An environment variable with comma-separated values. Surrounding spaces and empty values are dropped. */
export const commaList = z.string().transform((text) =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== ''),
);
