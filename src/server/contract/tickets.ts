import { z } from 'zod';

export const ticketRoles = ['buyer', 'seller'] as const;
export type TicketRole = (typeof ticketRoles)[number];

/** What a seller's ticket allows only if it is named. */
export const ticketGrants = ['start', 'stop'] as const;
export type TicketGrant = (typeof ticketGrants)[number];

/** Lifetimes of tickets, in seconds. A ticket cannot be revoked by itself, so it ends within a day at the latest. */
export const ticketSeconds = { least: 60, usual: 3_600, most: 86_400 } as const;

/** Printable ASCII without spaces, because the id is part of log lines and of signed URLs. */
const userIdSchema = z
  .union([z.int().min(0), z.string().regex(/^[\x21-\x7e]{1,128}$/)], {
    error: 'expected a non-negative integer, or 1 to 128 printable ASCII characters without spaces',
  })
  .transform(String)
  .describe(
    "The app's own id of the user: an integer, or up to 128 printable ASCII characters. It appears in logs, so do not use a name or an email address.",
  );

export const ticketRequestSchema = z.strictObject({
  role: z
    .enum(ticketRoles)
    .describe('buyer: watch. seller: also read status and numbers, and choose the stream mode.'),
  userId: userIdSchema.optional(),
  ttlSeconds: z
    .int()
    .min(ticketSeconds.least)
    .max(ticketSeconds.most)
    .default(ticketSeconds.usual)
    .describe('Lifetime, in seconds.'),
  grants: z
    .array(z.enum(ticketGrants))
    .max(ticketGrants.length)
    .default([])
    .describe('For sellers only: start, stop = put the channel on air, take it off air.'),
});

export type TicketRequest = z.infer<typeof ticketRequestSchema>;

export const ticketViewSchema = z.object({
  /** Send it as Authorization: Bearer. */
  ticket: z.string(),
  expiresAt: z.iso.datetime(),
  role: z.enum(ticketRoles),
  channelId: z.string(),
});

export type TicketView = z.infer<typeof ticketViewSchema>;
