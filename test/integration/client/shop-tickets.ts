import { randomBytes, randomUUID } from 'node:crypto';
import type { Authenticate } from '../../../src/server/auth/authenticate.ts';
import { subjectOf } from '../../../src/server/auth/tickets/ticket.ts';
import { isTicket, TicketTokens } from '../../../src/server/auth/tickets/ticket-tokens.ts';
import type { TicketView } from '../../../src/server/contract/tickets.ts';
import type { Services } from '../../../src/server/service.ts';
import { authenticateByScope } from '../../support/server/authenticate-by-scope.ts';

/** Tickets of a service whose other tokens are the names of scopes. They expire when the test says so. */
export class ShopTickets {
  readonly #tokens: TicketTokens;
  #aheadMs = 0;

  constructor() {
    const key = { id: 'key-1', secret: randomBytes(32) };
    const keys = { all: async () => [key], toSign: async () => key };
    this.#tokens = new TicketTokens(keys, 'shop', { now: () => this.#now() });
  }

  /** All tickets expire that were created until now. */
  expire(): void {
    this.#aheadMs += 86_400_000;
  }

  async create(
    channelId: string,
    { role, userId, ttlSeconds, grants }: Parameters<Services['createTicket']>[2],
  ): Promise<TicketView> {
    const issuedAt = this.#now();
    const expiresAt = new Date(issuedAt.getTime() + ttlSeconds * 1_000);
    const id = randomUUID();
    const ticket = await this.#tokens.sign({ id, channelId, role, grants, userId, issuedAt, expiresAt });
    return { ticket, role, channelId, expiresAt: expiresAt.toISOString() };
  }

  /** A ticket has the scope that its calls need: which calls a ticket allows is not tested here. */
  readonly authenticate: Authenticate = async (credentials, call, address) => {
    const token = credentials.authorization?.replace('Bearer ', '') ?? '';
    if (!isTicket(token)) return await authenticateByScope(credentials, call, address);
    const ticket = await this.#tokens.verify(token);
    return { subject: subjectOf(ticket), scope: ticket.role === 'buyer' ? 'playback' : 'operate' };
  };

  #now(): Date {
    return new Date(Date.now() + this.#aheadMs);
  }
}
