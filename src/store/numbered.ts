import { StoreError } from './errors.ts';

/**
 * The number that an id is in the database. `noun`: what the id is of, such as "an alert".
 *
 * @throws StoreError `Invalid` for anything but a number: the caller's input is wrong
 */
export function numbered(id: string, noun: string): number {
  if (!/^\d{1,15}$/.test(id))
    throw new StoreError('Invalid', `"${id.slice(0, 40)}" is not the id of ${noun}`);
  return Number(id);
}
