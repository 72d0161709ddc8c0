import { beforeEach, expect, test } from '@jest/globals';
import { Stage } from './stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

test('from nothing to on air', async () => {
  await stage.work(2);
  expect(stage.condition('Ready')).toBe('True Live');
  expect(stage.streams).toEqual(['origin stream-1']);
});
