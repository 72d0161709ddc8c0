import { expect, test } from '@jest/globals';
import { embedTicket } from '../../../src/web/embed/embed-ticket.ts';

test('the ticket of the address is used first, and renewed by the embedding page', async () => {
  let issued = 0;
  const ticket = embedTicket('first', { ticket: async () => `issued ${String((issued += 1))}` });
  if (typeof ticket !== 'function') throw new Error('it cannot be renewed');
  expect([await ticket(), await ticket(), await ticket()]).toEqual(['first', 'issued 1', 'issued 2']);
});

test('without an embedding page, the ticket of the address is all there is; public channels have none', () => {
  expect(embedTicket('first', undefined)).toBe('first');
  expect(embedTicket(undefined, undefined)).toBeUndefined();
});
