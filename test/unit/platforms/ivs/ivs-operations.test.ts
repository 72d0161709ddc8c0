import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { operations } from '../../../../src/platforms/ivs/ivs-operations.ts';

test('the IAM policy in the docs allows exactly the operations that the driver calls', async () => {
  const page = join(import.meta.dirname, '../../../../docs/platforms/ivs.md');
  const [policy = ''] = /^```json\n[^]+?^```$/m.exec(await readFile(page, 'utf8')) ?? [];
  const allowed = [...policy.matchAll(/"ivs:(\w+)"/g)].map(([, action]) => action);
  // Creating a channel with tags requires the permission to tag.
  expect([...new Set(allowed)].sort()).toEqual([...Object.keys(operations), 'TagResource'].sort());
});
