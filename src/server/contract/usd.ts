import { z } from 'zod';

/** US dollars as a decimal string, exact to a millionth. */
export const usdSchema = z.string().regex(/^-?\d+\.\d{6}$/);
