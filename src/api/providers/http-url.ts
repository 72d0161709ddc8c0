import { z } from 'zod';

/** An http or https URL of at most 2048 characters. */
export const httpUrlSchema = z
  .string()
  .regex(/^https?:\/\/[^\s/]+.*$/)
  .max(2048);
