import { expect, test } from '@jest/globals';
import type { EngineLevel } from '../../../../src/web/player/core/engine.ts';
import { levelOrder, qualityOptions, qualityView } from '../../../../src/web/player/core/quality.ts';

const levels: readonly EngineLevel[] = [
  { index: 0, height: 480, bitrate: 900_000 },
  { index: 1, height: 720, bitrate: 2_000_000 },
  { index: 2, height: 720, bitrate: 3_000_000 },
  { index: 3, height: 1080, bitrate: 5_000_000 },
];
const auto = { choice: 'auto', dataSaver: false } as const;

test('the menu has one entry a height, the highest first', () => {
  expect(qualityOptions(levels)).toEqual([
    { height: 1080, kbps: 5_000 },
    { height: 720, kbps: 3_000 },
    { height: 480, kbps: 900 },
  ]);
});

test.each([
  ['a choice that exists', { choice: 720, dataSaver: false }, { level: 2, cap: undefined }],
  [
    'a remembered choice that is between two levels',
    { choice: 900, dataSaver: false },
    { level: 2, cap: undefined },
  ],
  [
    'a remembered choice below all levels',
    { choice: 240, dataSaver: false },
    { level: undefined, cap: undefined },
  ],
  ['automatic selection', auto, { level: undefined, cap: undefined }],
  ['the data saver', { choice: 'auto', dataSaver: true }, { level: undefined, cap: 0 }],
] as const)('%s selects levels by height', (_what, wish, order) => {
  expect(levelOrder(levels, wish)).toEqual(order);
});

test('the data saver uses the lowest level where all are high', () => {
  expect(levelOrder(levels.slice(1), { choice: 'auto', dataSaver: true }).cap).toBe(1);
});

test('a remembered choice holds for another playlist', () => {
  const other = [
    { index: 0, height: 1080, bitrate: 1 },
    { index: 1, height: 720, bitrate: 1 },
  ];
  expect(levelOrder(other, { choice: 720, dataSaver: false }).level).toBe(1);
});

test('with one level there is nothing to choose', () => {
  expect(qualityView(levels.slice(1, 2), { choice: 720, dataSaver: false }, 720)).toEqual({
    options: [{ height: 720, kbps: 2_000 }],
    choice: 'auto',
    playing: 720,
    dataSaver: false,
  });
});

test('a playlist of one rendition without a height has the height on the screen', () => {
  const unnamed = [{ index: 0, height: undefined, bitrate: 0 }];
  expect(qualityView(unnamed, auto, 720).options).toEqual([{ height: 720, kbps: undefined }]);
  expect(qualityView(unnamed, auto, undefined).options).toEqual([]);
});
