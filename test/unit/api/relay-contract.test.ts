import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { relayReportSchema } from '../../../src/api/relay-contract.ts';
import { aReport } from '../../support/channel/channel-examples.ts';

const liveReport = aReport();

/** Every number of a value, however deep. */
function numbersIn(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

describe('the report of a relay', () => {
  const number = fc.oneof(
    fc.constantFrom(1e300, -1e300, 2 ** 53, -1, 0.5),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const names = Object.entries(liveReport).flatMap(([name, value]) =>
    typeof value === 'number' ? [name] : [],
  );

  test('has numbers that every column of the database holds, whatever the relay sends', () => {
    const sent = fc.record(Object.fromEntries(names.map((name) => [name, number])));
    const deeper = fc.record({
      restarts: fc.dictionary(fc.string({ maxLength: 10 }), number, { maxKeys: 5 }),
      framesDropped: fc.record({
        'after-loss': number,
        'slow-ingest': number,
        'slow-relay': number,
        codec: number,
      }),
      host: fc.record({ uid: number, video: fc.boolean(), audio: fc.boolean() }),
      secondsInState: fc.record({ live: number }),
    });
    fc.assert(
      fc.property(sent, deeper, (flat, deep) => {
        const report = relayReportSchema.parse({ ...liveReport, ...flat, ...deep });
        for (const each of numbersIn(report))
          expect(Math.abs(each)).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
        expect(report.outBitrateKbps).toBeLessThan(2 ** 31);
        expect(report.outBitrateKbps).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test.each([
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '2026-13-01T00:00:00Z',
    'x',
    '',
    '+275760-09-13T00:00:00Z',
  ])('is refused with the time %j', (time) => {
    for (const name of ['since', 'liveSince', 'lastAcceptedAt'])
      expect(relayReportSchema.safeParse({ ...liveReport, [name]: time }).success).toBe(false);
  });

  test('is refused with more causes of restarts than there are, and with a codec of any length', () => {
    const restarts = Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`cause-${String(at)}`, 1]));
    expect(relayReportSchema.safeParse({ ...liveReport, restarts }).success).toBe(false);
    expect(relayReportSchema.safeParse({ ...liveReport, codec: 'x'.repeat(65) }).success).toBe(false);
    expect(relayReportSchema.parse(liveReport)).toEqual(liveReport);
  });
});
