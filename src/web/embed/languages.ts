import type { Texts } from '../player/text/texts.ts';
import { chooseLanguage, type Languages } from './choose-language.ts';

const languages: Languages<Texts> = {
  de: async () => (await import('../player/text/de.ts')).de,
};

/** The player's texts in the first of these languages that it has; undefined: English. */
export const textsFor = (tags: readonly (string | undefined)[]): Promise<Texts | undefined> =>
  chooseLanguage(tags, languages);
