import type { LiveChannel } from '../../api/live-channel.ts';
import { usesPlatform } from '../../api/stream-records.ts';
import { keyOf } from '../../kube/resource.ts';

const MAX_LISTED_USERS = 10;

/** The keys of the channels that have a stream on the platform, including streams that are being created or deleted. */
export function usersOf(platform: string, channels: readonly LiveChannel[]): readonly string[] {
  return channels
    .filter((channel) => usesPlatform(channel, platform))
    .map(({ metadata }) => keyOf(metadata))
    .sort();
}

/** The channels as text for a message, shortened to a readable length. */
export function listUsers(users: readonly string[]): string {
  const more = users.length - MAX_LISTED_USERS;
  return users.slice(0, MAX_LISTED_USERS).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
