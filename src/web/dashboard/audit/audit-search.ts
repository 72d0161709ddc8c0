import { z } from 'zod';
import type { AuditFilter } from '../service/procedures.ts';

/** The router reads a value that is written like a number as one. */
const text = (most: number) =>
  z
    .union([z.string(), z.number()])
    .transform(String)
    .pipe(z.string().min(1).max(most))
    .optional()
    .catch(undefined);
const time = z.iso.datetime({ offset: true }).optional().catch(undefined);

/** What the address of the audit log may contain. What is not valid is left out: an old link still works. */
const searchSchema = z.object({
  actor: text(1_024),
  action: text(64),
  channel: text(512),
  /** Links name a caller or a channel; what people enter is its beginning. */
  whole: z.literal(true).optional().catch(undefined),
  from: time,
  to: time,
  /** Only entries that are older than the one of this number. */
  before: z.int().min(0).optional().catch(undefined),
});
export type AuditSearch = z.infer<typeof searchSchema>;

/** Members that are not valid are undefined, and not missing: the router would keep them as they are in the address. */
export function parseAuditSearch(search: unknown): AuditSearch {
  return searchSchema.safeParse(search).data ?? {};
}

/** The filter of the service for an address. */
export function filterOf({ actor, action, channel, whole, from, to, before }: AuditSearch): AuditFilter {
  const isNamed = actor !== undefined || channel !== undefined;
  return {
    ...(isNamed ? { match: whole ? 'whole' : 'prefix' } : {}),
    ...(actor === undefined ? {} : { subject: actor }),
    ...(action === undefined ? {} : { action }),
    ...(channel === undefined ? {} : { channelId: channel }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(before === undefined ? {} : { before: String(before) }),
  };
}
