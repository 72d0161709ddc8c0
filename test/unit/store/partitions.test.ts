import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { distinct, outdated, partitionOf, partitionsAhead } from '../../../src/store/partitions.ts';

const table = fc.constantFrom('stream_metrics', 'stream_metrics_1m', 'stream_metrics_1h');
const time = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });

describe('partitions', () => {
  test('cover their time, without gaps between them', () => {
    fc.assert(
      fc.property(table, time, (name, at) => {
        const partition = partitionOf(name, at);
        expect(partition.from <= at && at < partition.to).toBe(true);
        expect(partitionOf(name, partition.to).from).toEqual(partition.to);
        expect(partitionOf(name, new Date(partition.to.getTime() - 1))).toEqual(partition);
      }),
    );
  });

  test('are one day long, and one month for hours', () => {
    const at = new Date('2024-02-29T23:59:59Z');
    expect(partitionOf('stream_metrics', at)).toEqual({
      table: 'stream_metrics',
      name: 'stream_metrics_p20240229',
      from: new Date('2024-02-29T00:00:00Z'),
      to: new Date('2024-03-01T00:00:00Z'),
    });
    expect(partitionOf('stream_metrics_1h', new Date('2024-12-31T00:00:00Z'))).toMatchObject({
      name: 'stream_metrics_1h_p202412',
      to: new Date('2025-01-01T00:00:00Z'),
    });
  });

  test('exist two days ahead', () => {
    fc.assert(
      fc.property(table, time, fc.integer({ min: 0, max: 2 * 86_400_000 }), (name, now, later) => {
        const needed = partitionOf(name, new Date(now.getTime() + later));
        expect(partitionsAhead(now)).toContainEqual(needed);
      }),
    );
    const ahead = partitionsAhead(new Date('2026-11-23T12:00:00Z'));
    expect(distinct(ahead)).toEqual(ahead);
  });

  test('are outdated when all their rows are older than the retention', () => {
    fc.assert(
      fc.property(table, time, time, fc.integer({ min: 1, max: 400 }), (name, at, now, days) => {
        const partition = partitionOf(name, at);
        const isOutdated = outdated([partition], now, days).length === 1;
        const newest = partition.to.getTime() - 1;
        const age = now.getTime() - newest;
        if (isOutdated) expect(age).toBeGreaterThan(days * 86_400_000);
        else expect(age).toBeLessThanOrEqual((days + 1) * 86_400_000);
      }),
    );
    expect(outdated([partitionOf('stream_metrics', new Date(0))], new Date(), undefined)).toEqual([]);
  });
});
