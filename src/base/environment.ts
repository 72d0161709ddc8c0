import { z } from 'zod';

/** A variable of the environment that may be missing; a chart writes one that is not made as an empty one. */
export const optionalText = z
  .string()
  .optional()
  .transform((value) => (value === '' ? undefined : value));

/** A variable with values that commas separate. */
export const commaList = z.string().transform((text) =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== ''),
);
