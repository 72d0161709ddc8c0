/** The embedding page, as the source of tickets. */
export interface TicketIssuer {
  ticket(): Promise<string | undefined>;
}

/**
 * The player's source of tickets: first the one of the address, then, for each renewal, the embedding page. Without such a
 * page the first one must do; it is refused when it has expired. undefined: there are none, so the channel must be public.
 */
export function embedTicket(
  first: string | undefined,
  issuer: TicketIssuer | undefined,
): string | (() => string | undefined | Promise<string | undefined>) | undefined {
  if (issuer === undefined) return first;
  let unused = first;
  return () => {
    const ticket = unused;
    unused = undefined;
    return ticket ?? issuer.ticket();
  };
}
