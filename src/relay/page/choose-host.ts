/** A user of the channel and the tracks that it publishes. */
export interface Publisher {
  readonly uid: number;
  readonly video: boolean;
  readonly audio: boolean;
}

/**
 * Returns which publisher to follow: the requested host; else the one that is already followed as long as it is
 * present, muted or not; else the first that publishes video. `publishers` is in the order of their arrival.
 */
export function chooseHost(
  publishers: readonly Publisher[],
  followed: number | undefined,
  asked: number | undefined,
): Publisher | undefined {
  if (asked !== undefined) return publishers.find(({ uid }) => uid === asked);
  return publishers.find(({ uid }) => uid === followed) ?? publishers.find(({ video }) => video);
}
