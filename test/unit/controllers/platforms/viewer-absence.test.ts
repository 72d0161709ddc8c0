import { beforeEach, expect, test } from '@jest/globals';
import { ViewerAbsence } from '../../../../src/controllers/platforms/viewer-absence.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { streamId, type StreamAnalytics, type StreamId } from '../../../../src/platforms/platform.ts';

let clock: FakeClock;
let absence: ViewerAbsence;
beforeEach(() => {
  clock = new FakeClock();
  absence = new ViewerAbsence(clock);
});
const note = (viewers: Record<string, number | undefined>): void => {
  const withViewers = (count: number | undefined): StreamAnalytics => ({
    viewers: count,
    ingestBitrateKbps: undefined,
  });
  absence.note(
    'origin',
    new Map<StreamId, StreamAnalytics>(
      Object.entries(viewers).map(([id, count]) => [streamId(id), withViewers(count)]),
    ),
  );
};

test('a stream is without viewers since the first count of zero', async () => {
  note({ a: 1, b: 0 });
  const first = clock.now();
  await clock.advance(30_000);
  note({ a: 0, b: 0 });
  expect(absence.since('origin', 'b')).toEqual(first);
  expect(absence.since('origin', 'a')).toEqual(clock.now());
  expect(absence.since('elsewhere', 'a')).toBeUndefined();
});

test('a viewer, or an unknown count, ends it', async () => {
  note({ a: 0, b: 0, c: 0 });
  await clock.advance(30_000);
  note({ a: 2, b: undefined });
  for (const id of ['a', 'b', 'c']) expect(absence.since('origin', id)).toBeUndefined();
});

test('an outdated count is ignored', async () => {
  note({ a: 0 });
  await clock.advance(180_001);
  expect(absence.since('origin', 'a')).toBeUndefined();
  note({ a: 0 });
  expect(absence.since('origin', 'a')).toEqual(clock.now());
  absence.forget('origin');
  expect(absence.since('origin', 'a')).toBeUndefined();
});
