import { z } from 'zod';
import {
  ticketGrants,
  ticketRoles,
  ticketSeconds,
  type TicketGrant,
  type TicketRole,
} from '../../contract/tickets.ts';

/** A verified ticket: what its bearer may do, with one channel, until it expires. */
export interface Ticket {
  readonly id: string;
  readonly channelId: string;
  readonly role: TicketRole;
  readonly grants: readonly TicketGrant[];
  readonly userId: string | undefined;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Claims of a ticket in addition to `iss` and `aud`. */
export const ticketClaimsSchema = z
  .object({
    jti: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/),
    channel: z.string().min(1).max(512),
    role: z.enum(ticketRoles),
    grants: z.array(z.enum(ticketGrants)).max(ticketGrants.length).default([]),
    sub: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/)
      .optional(),
    iat: z.int().min(0),
    exp: z.int().min(0),
  })
  .refine(({ iat, exp }) => exp - iat <= ticketSeconds.most, 'the lifetime is too long');

type TicketClaims = z.infer<typeof ticketClaimsSchema>;

export function claimsOf(ticket: Ticket): Omit<TicketClaims, 'sub'> & { readonly sub?: string } {
  const { id, channelId, role, grants, userId, issuedAt, expiresAt } = ticket;
  return {
    jti: id,
    channel: channelId,
    role,
    grants: [...grants],
    ...(userId === undefined ? {} : { sub: userId }),
    iat: seconds(issuedAt),
    exp: seconds(expiresAt),
  };
}

export function ticketOf({ jti, channel, role, grants, sub, iat, exp }: TicketClaims): Ticket {
  return {
    ...{ id: jti, channelId: channel, role, grants, userId: sub },
    ...{ issuedAt: new Date(iat * 1_000), expiresAt: new Date(exp * 1_000) },
  };
}

/**
 * The subject of a ticket's bearer, for the audit log and rate limits. All tickets of a user and a role share it; a ticket
 * without a user has its own.
 */
export function subjectOf({ role, userId, id }: Ticket): string {
  return userId === undefined ? `ticket:${role}#${id}` : `ticket:${role}:${userId}`;
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1_000);
}
