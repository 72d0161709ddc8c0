/** A user of the channel, as far as it publishes. */
export interface Publisher {
  readonly uid: number;
  readonly video: boolean;
  readonly audio: boolean;
}

/**
 * Whom to follow: the asked for host; else the one that is followed already for as long as it is there, muted or not;
 * else the first that publishes video. `publishers` is in order of their coming.
 */
export function chooseHost(
  publishers: readonly Publisher[],
  followed: number | undefined,
  asked: number | undefined,
): Publisher | undefined {
  if (asked !== undefined) return publishers.find(({ uid }) => uid === asked);
  return publishers.find(({ uid }) => uid === followed) ?? publishers.find(({ video }) => video);
}
