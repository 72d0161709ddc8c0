import { z } from 'zod';
import { rangeNames, type RangeName } from './charts/range.ts';

const searchSchema = z.object({ range: z.enum(rangeNames).optional().catch(undefined) });

/** What the address of a channel may contain besides its id. */
export interface ChannelSearch {
  /** undefined: as the page sees fit. */
  readonly range?: RangeName | undefined;
}

export function parseChannelSearch(search: unknown): ChannelSearch {
  return { range: searchSchema.safeParse(search).data?.range };
}
