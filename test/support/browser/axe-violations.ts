import axe from 'axe-core';
import type { Page } from 'puppeteer-core';
import { z } from 'zod';

const textsSchema = z.array(z.string());

/** What axe-core finds in a page, one line each: WCAG 2.2 AA and its best practices. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // Through the debugger, whose scripts the policy of the page does not concern.
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(`axe.run(document, {
    resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary)))`);
  return textsSchema.parse(found);
}
