import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sourcesOf } from '../../../src/store/metrics-sources.ts';

const now = new Date('2026-11-23T12:34:56Z');
const until = new Date('2026-11-23T12:34:00Z');
const midnight = (days: number): Date => new Date(Date.UTC(2026, 10, 23 - days));
const held = { rolledUpUntil: until, samplesSince: midnight(7), minutesSince: midnight(90) };
const ago = (days: number): Date => new Date(now.getTime() - days * 86_400_000);
const brief = (sources: ReturnType<typeof sourcesOf>): string[] =>
  sources.map(({ from, to, resolution }) => `${resolution} ${from.toISOString()} ${to.toISOString()}`);

describe('the sources of a chart', () => {
  test('an hour in steps of ten seconds: the samples', () => {
    const asked = {
      from: new Date('2026-11-23T11:00:00Z'),
      to: new Date('2026-11-23T12:00:00Z'),
      stepSeconds: 10,
    };
    expect(brief(sourcesOf(asked, held))).toEqual([
      'sample 2026-11-23T11:00:00.000Z 2026-11-23T12:00:00.000Z',
    ]);
  });

  test('a day in steps of an hour: hours, then the minutes of the present hour, then the samples of the present minute', () => {
    const asked = { from: new Date('2026-11-22T12:40:00Z'), to: now, stepSeconds: 3_600 };
    expect(brief(sourcesOf(asked, held))).toEqual([
      'hour 2026-11-22T12:00:00.000Z 2026-11-23T12:00:00.000Z',
      'minute 2026-11-23T12:00:00.000Z 2026-11-23T12:34:00.000Z',
      'sample 2026-11-23T12:34:00.000Z 2026-11-23T12:34:56.000Z',
    ]);
  });

  test('nothing rolled up yet: the samples', () => {
    const asked = { from: ago(1), to: now, stepSeconds: 86_400 };
    expect(sourcesOf(asked, {}).map(({ resolution }) => resolution)).toEqual(['sample']);
  });

  test('data beyond its retention is read from a coarser source', () => {
    const asked = { from: ago(120), to: now, stepSeconds: 10 };
    expect(sourcesOf(asked, held).map(({ resolution }) => resolution)).toEqual(['hour', 'minute', 'sample']);
  });

  test('for any request, the ranges are consecutive, complete, and begin at full rows', () => {
    const anyTime = fc.date({ min: ago(200), max: now, noInvalidDate: true });
    const length = { sample: 1, minute: 60_000, hour: 3_600_000 };
    fc.assert(
      fc.property(
        anyTime,
        anyTime,
        fc.constantFrom(10, 30, 60, 90, 300, 3_600, 7_200, 86_400),
        fc.option(
          anyTime.map((at) => new Date(Math.floor(at.getTime() / 60_000) * 60_000)),
          { nil: undefined },
        ),
        (one, other, stepSeconds, rolledUp) => {
          const [from, to] = one < other ? [one, other] : [other, one];
          const sources = sourcesOf({ from, to, stepSeconds }, { ...held, rolledUpUntil: rolledUp });
          const [first] = sources;
          if (first === undefined) {
            expect(from.getTime()).toBe(to.getTime());
            return;
          }
          expect(first.from <= from).toBe(true);
          expect(sources.at(-1)?.to).toEqual(to);
          for (const [index, source] of sources.entries()) {
            expect(source.from < source.to).toBe(true);
            expect(source.from.getTime() % length[source.resolution]).toBe(0);
            if (index > 0) expect(source.from).toEqual(sources[index - 1]?.to);
            // Only rows before the end of the rolled-up data.
            const rolledUpTo = rolledUp?.getTime() ?? 0;
            const end = Math.floor(rolledUpTo / length[source.resolution]) * length[source.resolution];
            if (source.resolution !== 'sample')
              expect(source.to.getTime()).toBeLessThanOrEqual(Math.max(end, 0));
          }
        },
      ),
    );
  });
});
