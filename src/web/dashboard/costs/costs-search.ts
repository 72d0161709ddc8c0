import { z } from 'zod';
import { resolutions } from '../../../api/value-lists.ts';
import { costRanges } from './costs-range.ts';

/** How the table is grouped. */
export const costGroups = ['channel', 'platform', 'day'] as const;
export type CostGroup = (typeof costGroups)[number];

/** Of a price in dollars an hour, a number of viewers, and hours of a month. */
export const limits = { usd: 10_000, viewers: 1_000_000, hours: 744 } as const;

const day = z.iso.date().optional().catch(undefined);
const upTo = (most: number) => z.number().min(0).max(most).optional().catch(undefined);

/** What the address of the costs may contain. What is not valid is left out: an old link still works. */
const searchSchema = z.object({
  range: z.enum(costRanges).optional().catch(undefined),
  from: day,
  to: day,
  by: z.enum(costGroups).optional().catch(undefined),
  resolution: z.enum(resolutions).optional().catch(undefined),
  /** Viewers at the right end of the chart. */
  most: z.int().min(10).max(limits.viewers).optional().catch(undefined),
  platform: z.string().max(253).optional().catch(undefined),
  agora: upTo(limits.usd),
  hls: upTo(limits.usd),
  relay: upTo(limits.usd),
  viewers: upTo(limits.viewers),
  hours: upTo(limits.hours),
});
export type CostsSearch = z.infer<typeof searchSchema>;

/** Members that are not valid are undefined, and not missing: the router would keep them as they are in the address. */
export function parseCostsSearch(search: unknown): CostsSearch {
  return searchSchema.safeParse(search).data ?? {};
}

/** The address of the page, and how a part changes it. */
export interface CostsPartProps {
  readonly search: CostsSearch;
  readonly onChange: (changed: CostsSearch) => void;
}
