import type { TicketSource } from '../core/open-player.ts';

/** The app's newest ticket. */
export const readTicket = (ticket: TicketSource | undefined): ReturnType<Exclude<TicketSource, string>> =>
  typeof ticket === 'function' ? ticket() : ticket;
