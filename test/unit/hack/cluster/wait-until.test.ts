import { expect, test } from '@jest/globals';
import { waitUntil, WillNotHappenError } from '../../../../hack/cluster/wait-until.ts';

test('errors of the probe mean "not yet"', async () => {
  let calls = 0;
  const answer = await waitUntil(
    'it',
    5000,
    () => {
      calls += 1;
      if (calls < 3) throw new Error('not yet');
      return calls;
    },
    1,
  );
  expect(answer).toBe(3);
});

test('a WillNotHappenError ends the wait', async () => {
  const probe = () => {
    throw new WillNotHappenError('it ended');
  };
  await expect(waitUntil('it', 60_000, probe)).rejects.toThrow('it ended');
});

test('a timeout contains the last error', async () => {
  const probe = () => Promise.reject(new Error('connection refused'));
  await expect(waitUntil('the server answers', 20, probe, 1)).rejects.toThrow(
    /the server answers: not within 0\.02 s .*connection refused/,
  );
});
