import { expect, test } from '@jest/globals';
import { leftOutLog } from '../../../src/store/left-out-log.ts';

test('a row that was left out is logged once, in one line, until its message changes', () => {
  const logged: object[] = [];
  const log = leftOutLog({
    warn: (fields) => {
      logged.push(fields);
    },
  });
  const row = { table: 'livechannel_costs', row: 'shop/a\u0000\nb', message: 'invalid byte sequence' };
  log(row);
  log(row);
  log({ ...row, table: 'stream_metrics' });
  log({ ...row, message: 'out of range' });
  expect(logged).toEqual([
    { table: 'livechannel_costs', row: 'shop/a b', error: 'invalid byte sequence' },
    { table: 'stream_metrics', row: 'shop/a b', error: 'invalid byte sequence' },
    { table: 'livechannel_costs', row: 'shop/a b', error: 'out of range' },
  ]);
});
