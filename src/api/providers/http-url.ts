import { z } from 'zod';

export const httpUrlSchema = z
  .string()
  .regex(/^https?:\/\/[^\s/]+.*$/)
  .max(2048);
