import { describe, expect, test } from '@jest/globals';
import { grouped, metricsReference } from '../../../../hack/generate/metrics-reference.ts';
import { tableRows } from './table-rows.ts';

describe('the reference of metrics', () => {
  test('has descriptions that are sentences, and do not refer to their neighbors', async () => {
    const rows = tableRows(await metricsReference());
    expect(rows.length).toBeGreaterThan(70);
    const wrong = rows.filter(
      ([, , , help = '']) =>
        !/^[A-Z][^|]*\.$/.test(help) || /\b(those|that one|the same|likewise|the others)\b/i.test(help),
    );
    expect(wrong).toEqual([]);
  });

  test('contains the unit of each metric whose name has one', async () => {
    const units = [
      [/_seconds(_total)?$/, /seconds/],
      [/_bytes(_total)?$/, /bytes/],
      [/_bps$/, /bits per second/i],
      [/_kbps$/, /kbit\/s/],
      [/_ratio$/, /[Ss]hare/],
    ] as const;
    const silent = tableRows(await metricsReference()).filter(([name = '', , , help = '']) =>
      units.some(([unit, word]) => unit.test(name.replaceAll('`', '')) && !word.test(help)),
    );
    expect(silent).toEqual([]);
  });

  test('rejects a metric without a group', () => {
    const metric = { name: 'livechannel_new_total', type: 'counter', help: 'New.', labels: [] };
    expect(() => grouped([metric], [['Old', /_old_/]])).toThrow(
      'Metric livechannel_new_total belongs to no group of the reference.',
    );
  });
});
