import { expect, test } from '@jest/globals';
import { textsFor } from '../../../src/web/embed/languages.ts';

test.each([
  [['de'], 'de'],
  [['de-AT', 'en'], 'de'],
  [[undefined, 'DE'], 'de'],
  [['fr', 'de'], 'de'],
  [['en-GB', 'de'], undefined],
  [['fr'], undefined],
  [['constructor'], undefined],
  [[], undefined],
])('for %p, the texts are %p', async (tags, locale) => expect((await textsFor(tags))?.locale).toBe(locale));
