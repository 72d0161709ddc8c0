import { z } from 'zod';

/**
 * An http or https URL of at most 2048 visible ASCII characters. `\s` and `.` would not do in a pattern: they stand for
 * other characters in the API server than in JavaScript.
 */
export const httpUrlSchema = z
  .string()
  .regex(/^https?:\/\/[!-.0-~][!-~]*$/)
  .max(2048);
