import type { ChannelId } from '../../api/channel-id.ts';
import type { Clock } from '../../base/clock.ts';
import type { Ticket } from '../auth/tickets/ticket.ts';
import type { TicketTokens } from '../auth/tickets/ticket-tokens.ts';
import type { TicketRequest, TicketView } from '../contract/tickets.ts';
import { invalidMember } from '../problems.ts';

/** Creates tickets at the request of the app's back end. */
export class TicketIssuer {
  readonly #tokens: Pick<TicketTokens, 'sign'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #newId: () => string;

  /** `newId` returns a random id of 8 to 64 characters of base64url. */
  constructor(tokens: Pick<TicketTokens, 'sign'>, clock: Pick<Clock, 'now'>, newId: () => string) {
    this.#tokens = tokens;
    this.#clock = clock;
    this.#newId = newId;
  }

  /** @throws ApiProblem invalid-request, tickets-not-set-up */
  async create(channelId: ChannelId, request: TicketRequest): Promise<TicketView> {
    const ticket = ticketFor(channelId, request, this.#newId(), this.#clock.now());
    const { role, expiresAt } = ticket;
    return {
      ticket: await this.#tokens.sign(ticket),
      ...{ expiresAt: expiresAt.toISOString(), role, channelId },
    };
  }
}

/** The ticket for a request. @throws ApiProblem invalid-request: a buyer is granted nothing. */
export function ticketFor(
  channelId: ChannelId,
  { role, userId, ttlSeconds, grants }: TicketRequest,
  id: string,
  now: Date,
): Ticket {
  if (role === 'buyer' && grants.length > 0)
    throw invalidMember('grants', 'only the ticket of a seller has grants');
  // A JWT has whole seconds.
  const issuedAt = new Date(Math.floor(now.getTime() / 1_000) * 1_000);
  return {
    ...{ id, channelId, role, userId, issuedAt },
    grants: [...new Set(grants)],
    expiresAt: new Date(issuedAt.getTime() + ttlSeconds * 1_000),
  };
}
