import { expect, test } from '@jest/globals';
import { Unwritten } from '../../../../src/recorder/recording/unwritten.ts';

test('what the tables of the app do not accept is counted every time, and logged once', () => {
  const logged: unknown[] = [];
  const counted: unknown[] = [];
  const unwritten = new Unwritten(
    {
      warn: (fields: unknown) => {
        logged.push(fields);
      },
    },
    {
      refused: (table, rows) => counted.push([table, rows]),
      tooLong: (column, values) => counted.push([column, values]),
    },
  );
  const refusal = { channelId: '7', message: 'violates check constraint "open"' };
  const tooLong = new Map([['stream_key_id', 2]]);
  unwritten.channels({ refused: [refusal], tooLong });
  unwritten.channels({ refused: [refusal], tooLong });
  unwritten.rows('stream_metrics', [refusal, { ...refusal, channelId: '8' }]);
  unwritten.rows('channels', [{ ...refusal, message: 'another' }]);
  unwritten.rows('channels', []);
  expect(counted).toEqual([
    ['channels', 1],
    ['stream_key_id', 2],
    ['channels', 1],
    ['stream_key_id', 2],
    ['stream_metrics', 2],
    ['channels', 1],
  ]);
  expect(logged).toEqual([
    { table: 'channels', channel: '7', error: refusal.message },
    { table: 'channels', column: 'stream_key_id' },
    { table: 'stream_metrics', channel: '7', error: refusal.message },
    { table: 'stream_metrics', channel: '8', error: refusal.message },
    { table: 'channels', channel: '7', error: 'another' },
  ]);
});
