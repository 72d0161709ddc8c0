import { expect, test } from '@jest/globals';
import { StreamExistenceCache } from '../../../../src/controllers/platforms/stream-existence-cache.ts';
import type { OpenPlatform } from '../../../../src/cluster/platform-directory.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { streamId, type ObservedStream } from '../../../../src/platforms/platform.ts';
import { anOwner, never } from '../../../support/platforms/platform-examples.ts';

const id = streamId('lc-1');
const asked = { id, owner: anOwner() };
const stream = { id } as ObservedStream; // Nothing else of it is used.

/** A platform that returns each of these answers in turn. */
function platform(
  ...answers: readonly (ObservedStream | undefined | Error)[]
): OpenPlatform & { requests: number } {
  const open = {
    name: 'origin',
    requests: 0,
    driver: {
      observeStream: () => {
        const answer = answers[open.requests];
        open.requests += 1;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
  };
  return open as unknown as OpenPlatform & { requests: number }; // Only observeStream is called.
}

test('a stream is requested once in five seconds, however often it is needed', async () => {
  const [clock, origin] = [new FakeClock(), platform(stream, undefined)];
  const checks = new StreamExistenceCache(clock);
  expect(await checks.get(origin, asked, never)).toBe('exists');
  await clock.advance(4_999);
  expect(await checks.get(origin, asked, never)).toBe('exists');
  expect(origin.requests).toBe(1);
  await clock.advance(1);
  expect(await checks.get(origin, asked, never)).toBe('gone');
});

test('a missing stream is not cached, because it is recreated at once', async () => {
  const origin = platform(undefined, stream);
  const checks = new StreamExistenceCache(new FakeClock());
  expect(await checks.get(origin, asked, never)).toBe('gone');
  expect(await checks.get(origin, asked, never)).toBe('exists');
});

test('without an answer the presence is unknown, and the platform is not requested again at once', async () => {
  const origin = platform(new Error('connection reset'));
  const checks = new StreamExistenceCache(new FakeClock());
  expect(await checks.get(origin, asked, never)).toBe('unknown');
  expect(await checks.get(origin, asked, never)).toBe('unknown');
  expect(origin.requests).toBe(1);
});
