import { videoBitrateCapSchema } from '../../../../api/values.ts';

/** The cap that was entered, in kbit/s; null: none; undefined: it is not valid. */
export function parseBitrateCap(entered: string): number | null | undefined {
  const text = entered.trim();
  if (text === '') return null;
  if (!/^\d{1,6}$/.test(text)) return undefined;
  return videoBitrateCapSchema.safeParse(Number(text)).data;
}
