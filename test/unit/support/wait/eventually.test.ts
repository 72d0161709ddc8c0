import { expect, test } from '@jest/globals';
import { WillNotHappenError } from '../../../../hack/cluster/wait-until.ts';
import { eventually } from '../../../support/wait/eventually.ts';

test('returns the first answer that is neither undefined nor null nor false', async () => {
  const answers = [undefined, null, false, 0];
  let asked = 0;
  const answer = await eventually('an answer', 5, () => answers[asked++], { everyMs: 1 });
  expect(answer).toBe(0);
  expect(asked).toBe(4);
});

test('errors mean "not yet"', async () => {
  let asked = 0;
  const probe = (): Promise<string> =>
    ++asked < 3 ? Promise.reject(new Error('refused')) : Promise.resolve('up');
  expect(await eventually('the server', 5, probe, { everyMs: 1 })).toBe('up');
});

test('what will not happen is not waited for', async () => {
  const probe = (): never => {
    throw new WillNotHappenError('the process has exited');
  };
  await expect(eventually('the server', 60, probe)).rejects.toThrow('the process has exited');
});

test('the message has what was waited for, for how long, and the last error', async () => {
  const errors = ['refused', 'reset'];
  const probe = (): undefined => {
    const error = errors.shift();
    if (error !== undefined) throw new Error(error);
  };
  await expect(eventually('the server answers', 0.05, probe, { everyMs: 1 })).rejects.toThrow(
    'the server answers: not within 0.05 s (last error: Error: reset)',
  );
});

test('a probe that began in time counts, however long it takes', async () => {
  const probe = (): Promise<string> => new Promise((resolve) => setTimeout(resolve, 30, 'late'));
  expect(await eventually('an answer', 0.01, probe)).toBe('late');
});
