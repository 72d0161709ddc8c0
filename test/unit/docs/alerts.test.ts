import { expect, test } from '@jest/globals';
import { alertKindNames } from '../../../src/api/alerts.ts';
import { readDoc } from '../../support/docs/markdown-blocks.ts';

test('docs/operate/alerts.md says for each kind of alert what to do', async () => {
  const headings = [...(await readDoc('operate/alerts.md')).matchAll(/^## (.+)$/gm)].flatMap(
    ([, heading = '']) => heading.split(', '),
  );
  expect(headings).toEqual(expect.arrayContaining(alertKindNames));
});
