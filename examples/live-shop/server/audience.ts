import { problemOf } from '@livechannel/client';
import { live } from './live.ts';

const REPORT_EVERY_MS = 30_000;
const FORGET_AFTER_MS = 30_000;

/** Buyers on Agora by channel, with the time when each was last seen. */
const buyers = new Map<string, Map<string, number>>();

/** Only the app knows who watches on Agora. Costs, and `streamMode: auto`, need the number. */
export function seenOnAgora(channelId: string, userId: string): void {
  const seen = buyers.get(channelId) ?? new Map<string, number>();
  buyers.set(channelId, seen.set(userId, Date.now()));
}

setInterval(() => {
  for (const [channelId, seen] of buyers) {
    for (const [userId, at] of seen) if (Date.now() - at > FORGET_AFTER_MS) seen.delete(userId);
    if (seen.size === 0) buyers.delete(channelId);
    live.audience.report.mutate({ channelId, agoraViewers: seen.size }).catch((error: unknown) => {
      if (problemOf(error)?.code !== 'channel-not-found') console.error(error);
    });
  }
}, REPORT_EVERY_MS);
