import { expect, test } from '@jest/globals';
import { StreamExistenceCache } from '../../../../src/controllers/platforms/stream-existence-cache.ts';
import type { OpenPlatform } from '../../../../src/cluster/platform-directory.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { streamId, type ObservedStream } from '../../../../src/platforms/platform.ts';
import { never } from '../../../support/platforms/platform-examples.ts';

const id = streamId('lc-1');
const stream = { id } as ObservedStream; // nothing else of it is looked at

/** A platform that answers with each of these in turn. */
function platform(
  ...answers: readonly (ObservedStream | undefined | Error)[]
): OpenPlatform & { asked: number } {
  const open = {
    name: 'origin',
    asked: 0,
    driver: {
      observeStream: () => {
        const answer = answers[open.asked];
        open.asked += 1;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
  };
  return open as unknown as OpenPlatform & { asked: number }; // only observeStream is called
}

test('a stream is asked for once in five seconds, however often somebody wants to know', async () => {
  const [clock, origin] = [new FakeClock(), platform(stream, undefined)];
  const checks = new StreamExistenceCache(clock);
  expect(await checks.get(origin, id, never)).toBe('exists');
  await clock.advance(4_999);
  expect(await checks.get(origin, id, never)).toBe('exists');
  expect(origin.asked).toBe(1);
  await clock.advance(1);
  expect(await checks.get(origin, id, never)).toBe('gone');
});

test('that a stream is gone is not remembered: it is made anew at once', async () => {
  const origin = platform(undefined, stream);
  const checks = new StreamExistenceCache(new FakeClock());
  expect(await checks.get(origin, id, never)).toBe('gone');
  expect(await checks.get(origin, id, never)).toBe('exists');
});

test('a platform that does not answer says nothing of the stream, and is not asked again at once', async () => {
  const origin = platform(new Error('connection reset'));
  const checks = new StreamExistenceCache(new FakeClock());
  expect(await checks.get(origin, id, never)).toBe('unknown');
  expect(await checks.get(origin, id, never)).toBe('unknown');
  expect(origin.asked).toBe(1);
});
