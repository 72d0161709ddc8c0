import { z } from 'zod';

/** Cursor of a page, newest first: the id of the last entry of the previous page, which is a number. */
export const pageCursorSchema = z
  .string()
  .regex(/^\d{1,15}$/, 'expected `next` of the previous page')
  .describe('`next` of the previous page.');
