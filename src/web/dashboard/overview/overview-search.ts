import { z } from 'zod';
import { healths } from '../../../api/values.ts';
import { channelStates } from '../channel/channel-state.ts';
import { columnNames } from './channel-rows.ts';

/** Health as it can be filtered: unknown is a value. */
export const filterHealths = [...healths, 'unknown'] as const;

/** What the address of the overview may contain. What is not valid is left out: an old link still works. */
const searchSchema = z.object({
  q: z.string().max(200).optional().catch(undefined),
  state: z.enum(channelStates).optional().catch(undefined),
  /** Empty: channels without a platform. */
  platform: z.string().max(253).optional().catch(undefined),
  health: z.enum(filterHealths).optional().catch(undefined),
  sort: z.enum(columnNames).optional().catch(undefined),
  desc: z.boolean().optional().catch(undefined),
});
export type OverviewSearch = z.infer<typeof searchSchema>;

/** Members that are not valid are undefined, and not missing: the router would keep them as they are in the address. */
export function parseOverviewSearch(search: unknown): OverviewSearch {
  return searchSchema.safeParse(search).data ?? {};
}
