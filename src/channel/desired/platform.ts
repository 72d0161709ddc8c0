import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { agoraOnlyDecision } from './stream-mode.ts';
import { streamRecords, type StreamRecord } from '../../api/annotations/stream-records.ts';
import { blamesPlatform, outageOf } from '../status/outage.ts';
import type { Policy } from '../policy.ts';

/**
 * The platform that the channel is at home on. One without a platformRef stays where its stream is, also while that
 * platform is missing: another default is for new channels. Where the budget sent it is not home.
 */
export function homePlatform(channel: LiveChannel): string | undefined {
  const active = streamRecords(channel).find(({ role }) => role === 'active');
  return channel.spec.platformRef?.name ?? active?.sentFrom ?? active?.insteadOf ?? active?.platform;
}

/**
 * Whether the channel should be on its fallback platform now, instead of `home`.
 *
 * It goes there when the platform at home has kept it off air for `spec.fallback.afterSeconds`. It tries the way back
 * after a set time, by the same path: the stream at home must play before viewers are sent to it, and a try that does
 * not come to that in time is given up, with the fallback on air all along.
 */
export function shouldUseFallback(
  channel: LiveChannel,
  home: string,
  homeIsThere: boolean,
  policy: Policy,
  now: Date,
): boolean {
  const fallback = channel.spec.fallbackPlatformRef?.name;
  if (fallback === undefined || fallback === home) return false;
  const records = streamRecords(channel);
  const active = records.find(({ role }) => role === 'active');
  const next = records.find(({ role }) => role === 'incoming');
  // What is begun while viewers are on Agora alone has no relay that its platform could keep off air.
  if (active === undefined && isOnAgoraAlone(channel, now)) return false;
  if (active?.platform === fallback && active.insteadOf === home)
    return !homeIsThere || waitsForHost(channel) || !timeToReturn(active, next, policy, now);
  return outForTooLong(channel, now);
}

function isOnAgoraAlone(channel: LiveChannel, now: Date): boolean {
  const wish = agoraOnlyDecision(channel);
  return wish !== undefined && now >= wish.from;
}

function timeToReturn(
  active: StreamRecord,
  next: StreamRecord | undefined,
  policy: Policy,
  now: Date,
): boolean {
  if (next !== undefined && next.platform === active.insteadOf)
    return now.getTime() - Date.parse(next.since) < policy.returnAttemptMs;
  return active.returnAt === undefined || now.getTime() >= Date.parse(active.returnAt);
}

/** Without a host no stream can be seen to play, at home or elsewhere: the way back is not tried. */
function waitsForHost(channel: LiveChannel): boolean {
  const host = findCondition(channel.status?.conditions, 'HostPresent');
  return host?.status === 'False';
}

function outForTooLong(channel: LiveChannel, now: Date): boolean {
  const outage = outageOf(channel);
  if (outage === undefined) return false;
  // Agora being the fallback already does not make the platform any better.
  const agora = outage.reason === 'FallbackAgora';
  if (!agora && !blamesPlatform(outage.reason)) return false;
  return agora || now.getTime() - outage.since.getTime() >= channel.spec.fallback.afterSeconds * 1_000;
}
