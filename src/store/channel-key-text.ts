import type { ChannelKey } from './store.ts';

/** The key of a channel as text, for maps. Neither part contains a slash. */
export const keyText = ({ namespace, channelId }: ChannelKey): string => `${namespace}/${channelId}`;
