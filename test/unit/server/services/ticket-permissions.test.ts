import { describe, expect, test } from '@jest/globals';
import type { Ticket } from '../../../../src/server/auth/tickets/ticket.ts';
import { ticketRequestSchema } from '../../../../src/server/contract/tickets.ts';
import { neededScope, type Operation } from '../../../../src/server/services/permissions.ts';
import { ticketFor } from '../../../../src/server/services/ticket-issuer.ts';
import { admitted, permits } from '../../../../src/server/services/ticket-permissions.ts';

const operations = Object.keys(neededScope) as Operation[]; // the keys of a literal
const allowedBy = (ticket: Pick<Ticket, 'role' | 'grants'>): Operation[] =>
  operations.filter((operation) => permits(ticket, operation)).toSorted();
const buyer = ['channel', 'events', 'feedback', 'playback', 'reportQoe'];
const seller = [...buyer, 'changeChannel', 'deliveryOptions', 'metrics', 'qoe', 'relay'];

describe('a ticket allows', () => {
  test.each([
    ['a buyer to watch, to complain and to report', { role: 'buyer', grants: [] }, buyer],
    ['a buyer no more with grants', { role: 'buyer', grants: ['start', 'stop'] }, buyer],
    ['a seller to follow the channel', { role: 'seller', grants: [] }, seller],
    ['a seller to start', { role: 'seller', grants: ['start'] }, [...seller, 'startRelay']],
    ['a seller to stop', { role: 'seller', grants: ['stop'] }, [...seller, 'stopRelay']],
  ] as const)('%s', (_, ticket, allowed) => {
    expect(allowedBy(ticket)).toEqual(allowed.toSorted());
  });

  test('its own channel only, with no more than the scope of the operation', () => {
    const ticket = ticketFor('4711', ticketRequestSchema.parse({ role: 'seller' }), 'abcdefgh', new Date());
    const caller = { subject: 'ticket:seller#abcdefgh', scope: undefined, ticket };
    expect(admitted(caller, 'metrics', '4711').scope).toBe('operate');
    expect(admitted(caller, 'playback', '4711').scope).toBe('playback');
    for (const other of ['4712', '', undefined, '04711', '4711 ', 'x-4711'])
      expect(admitted(caller, 'playback', other).scope).toBeUndefined();
    expect(admitted(caller, 'costs', '4711').scope).toBeUndefined();
  });
});

describe('a new ticket', () => {
  const now = new Date('2026-01-01T00:00:00.900Z');
  test('lasts for an hour unless another time is requested', () => {
    const ticket = ticketFor('4711', ticketRequestSchema.parse({ role: 'buyer' }), 'abcdefgh', now);
    expect(ticket.expiresAt).toEqual(new Date('2026-01-01T01:00:00Z'));
    const day = ticketRequestSchema.parse({ role: 'buyer', ttlSeconds: 86_400 });
    expect(ticketFor('4711', day, 'abcdefgh', now).expiresAt).toEqual(new Date('2026-01-02T00:00:00Z'));
  });

  test('of a buyer cannot have grants', () => {
    const request = ticketRequestSchema.parse({ role: 'buyer', grants: ['start'] });
    expect(() => ticketFor('4711', request, 'abcdefgh', now)).toThrow(
      'only the ticket of a seller has grants',
    );
  });
});
