import { BoundedMap } from '../base/bounded-map.ts';
import type { Logger } from '../base/logger.ts';
import { oneLine } from '../base/one-line.ts';
import type { LeftOutRow } from './store.ts';

/** Rows whose message is remembered, so that it is logged once and not with every attempt. */
const MAX_REMEMBERED = 1_000;
const MAX_NAME = 200;

/** Logs rows that were left out, each once until its message changes. */
export function leftOutLog(logger: Pick<Logger, 'warn'>): (row: LeftOutRow) => void {
  const logged = new BoundedMap<string, string>(MAX_REMEMBERED);
  return ({ table, row, message }) => {
    const name = oneLine(row, MAX_NAME);
    const key = `${table}/${name}`;
    if (logged.get(key) === message) return;
    logged.set(key, message);
    logger.warn(
      { table, row: name, error: message },
      'the database cannot hold the content of a row; it was left out, and all others are written',
    );
  };
}
