import { beforeEach, expect, test } from '@jest/globals';
import { Accountant } from '../../../../src/recorder/recording/accountant.ts';
import { microDollarsOf, type LedgerLine } from '../../../../src/recorder/recording/ledger.ts';
import type { PricingInputs } from '../../../../src/recorder/recording/pricing-inputs.ts';
import type { Sample } from '../../../../src/store/store.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';
import { after, aSample } from '../examples.ts';

const inputs: PricingInputs = {
  platform: undefined,
  resolution: '720p',
  recorded: false,
  onAir: true,
  hosted: false,
};

let metered: [from: Date, to: Date][];
let missed: [from: Date, to: Date][];
let noted: { at: Date; lines: number }[];
let costs: number;
let accountant: Accountant;
beforeEach(() => {
  metered = [];
  missed = [];
  noted = [];
  costs = 0;
  accountant = new Accountant({
    ledger: {
      note: (_key, at, _started, lines) => {
        noted.push({ at, lines: lines.length });
        return at;
      },
    },
    meter: (before, next) => {
      metered.push([before.sample.at, next.sample.at]);
      const { at: hour } = next.sample;
      const line: LedgerLine = {
        hour,
        platform: 'ivs',
        line: 'delivery',
        perHour: 3_600_000,
        unitMs: 1,
        missingMs: 0,
        estimated: true,
        prices: 'x',
      };
      return [line];
    },
    missed: (before, next) => {
      missed.push([before.sample.at, next.sample.at]);
      return [];
    },
    onCost: (line) => {
      costs += microDollarsOf(line);
    },
  });
});
const note = (seconds: number, its: Partial<Sample> = {}, uid = 'channel-uid'): void => {
  accountant.note(aChannel({ metadata: { uid } }), aSample({ at: after(seconds), ...its }), inputs);
};

test('the time between two samples is metered once', () => {
  note(0, { afterGap: true });
  note(10);
  note(20);
  expect(metered).toEqual([
    [after(0), after(10)],
    [after(10), after(20)],
  ]);
  expect(costs).toBe(2);
});

test('a gap is not metered, and is recorded as missing', () => {
  note(0, { afterGap: true });
  note(10);
  note(500, { afterGap: true });
  note(510);
  expect(metered).toEqual([
    [after(0), after(10)],
    [after(500), after(510)],
  ]);
  expect(missed).toEqual([[after(10), after(500)]]);
});

test('time off air is not metered, nor the time between two channels of one name', () => {
  note(0);
  accountant.forget(aChannel());
  note(20);
  note(30, {}, 'another');
  expect(metered).toEqual([]);
  expect(noted.map(({ lines }) => lines)).toEqual([0, 0, 0]);
});
