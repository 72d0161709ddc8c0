import { en as player } from '../../src/web/player/text/en.ts';
import { causeKeys } from '../../src/web/seller/core/signals.ts';
import { en as seller } from '../../src/web/seller/text/en.ts';
import { code, generatedNotice, table } from './markdown.ts';

/** docs/reference/texts.md: the words of the player and of the seller's view. */
export function textsReference(): string {
  const causes = causeKeys.map((key) => {
    const { what, buyers, advice, figure } = seller.causes[key];
    return [code(key), what, buyers, advice, figure];
  });
  return `# Texts

${generatedNotice}

The keys of \`Texts\` and \`SellerTexts\` with their English words, for those who write
[another language](../build/player.md#languages). \`{n}\`, \`{m}\`, \`{limit}\` and other words in braces are replaced; a key that
ends with \`other\` has plural forms.

## Causes in the seller's view

What sellers read when their show is not good, by the key of \`causes\`. [Health](../build/seller.md#health) has the limits.

${table(['Cause', 'What is wrong', 'Buyers now', 'What to do', 'Figure'], causes)}

## Player

${table(['Key', 'English'], rowsOf(player))}

## Seller's view

${table(['Key', 'English'], rowsOf({ ...seller, causes: undefined }))}
`;
}

/** A row for each text, by its path. */
function rowsOf(value: unknown, path = ''): string[][] {
  if (typeof value === 'string') return [[code(path), value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => rowsOf(each, path === '' ? key : `${path}.${key}`));
}
