import { blocksOf, readDoc } from './markdown-blocks.ts';

/** The pages for which docs/build/player.md shows a Content-Security-Policy, in its order. */
const pages = ['iframe', 'components', 'components-with-agora'] as const;

/** The Content-Security-Policy that docs/build/player.md shows. `addresses` are those of a test, by those of the page. */
export async function documentedPolicy(
  page: (typeof pages)[number],
  addresses: Readonly<Record<string, string>>,
): Promise<string> {
  const block = blocksOf(await readDoc('build/player.md'), 'http')[pages.indexOf(page)];
  const [, policy] = /^Content-Security-Policy: ([^\n]+)\n$/.exec(block ?? '') ?? [];
  if (policy === undefined) throw new Error(`docs/build/player.md shows no policy for ${page}`);
  return Object.entries(addresses).reduce((text, [shown, real]) => text.replaceAll(shown, real), policy);
}
