import { posix } from 'node:path';
import { proseOf, type Page } from '../../support/docs/pages.ts';

/** A link of a page, or an image. */
export interface Link {
  /** Relative to the checkout; undefined: another site's. */
  readonly path: string | undefined;
  /** Without the "#". */
  readonly anchor: string | undefined;
  /** As the page has it. */
  readonly written: string;
}

export function linksOf({ path, text }: Page): Link[] {
  const prose = proseOf(text).replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(<?([^()\s>]+(?:\([^()\s]*\)[^()\s]*)?)>?\)/g)].map(([, written = '']) => {
    if (/^[a-z]+:/.test(written)) return { path: undefined, anchor: undefined, written };
    const [target = '', anchor] = written.split('#');
    return {
      path: target === '' ? path : posix.normalize(posix.join(posix.dirname(path), target)),
      anchor,
      written,
    };
  });
}

/** The anchors that GitHub gives the headings of a page: lower case, no punctuation, "-" for spaces, numbers for repeats. */
export function anchorsOf(markdown: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = [...proseOf(markdown).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[*`]/g, '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${String(times)}`;
  });
  return new Set(anchors);
}
