import { expect, test } from '@jest/globals';
import { parseTrace } from '../../../src/costs/trace.ts';
import { simulateStatic } from '../../../src/costs/simulate.ts';

test('a trace is a sequence of steps; columns may be in any order, and others are ignored', () => {
  const text = '\uFEFFViewers, second,note\r\n5,0,begin\r\n\r\n# a rush\r\n100,60,\r\n0,120,end\r\n';
  expect(parseTrace(text, 'a.csv')).toEqual([
    { second: 0, viewers: 5 },
    { second: 60, viewers: 100 },
    { second: 120, viewers: 0 },
  ]);
});

test.each([
  ['', 'no column "second"'],
  ['time,viewers\n0,1\n', 'no column "second"'],
  ['second,people\n0,1\n', 'no column "viewers"'],
  ['second,viewers\n', '0 rows'],
  ['second,viewers\n0,1\n', '1 rows'],
  ['second,viewers\n0,1\n0,2\n', 'line 3'],
  ['second,viewers\n10,1\n5,2\n', 'must increase'],
  ['second,viewers\n0,1\n10,-2\n', 'line 3: viewers is -2'],
  ['second,viewers\n0,1\n10,many\n', '"many"'],
  ['second,viewers\n0,1\n10,\n', 'viewers is ""'],
  ['second,viewers\n0,1.5\n10,2\n', 'not an integer'],
  ['second,viewers\n0,1\n10\n', 'a.csv'],
  ['second,viewers\n1795443600000,1\n1795483600000,1\n', 'is the unit seconds?'],
])('%j is rejected, with file and line', (text, why) => {
  expect(() => parseTrace(text, 'a.csv')).toThrow(why);
  expect(() => parseTrace(text, 'a.csv')).toThrow('a.csv');
});

test('a value applies until the next row', () => {
  const rivals = { agoraViewer: 3_600, relay: 0, hlsViewer: 0 };
  const trace = parseTrace('second,viewers\n0,10\n100,20\n200,999\n', 'a.csv');
  expect(simulateStatic(trace, 'agora-only', rivals).microDollars).toBe(10 * 100 + 20 * 100);
});
