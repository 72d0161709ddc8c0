import type { QualityChoice, QualityView } from '../../player/core/snapshot.ts';

/** What to choose so that the lowest level is played; undefined: it is, or there is nothing to choose. */
export function lowestQuality({ options, choice }: QualityView): QualityChoice | undefined {
  const lowest = options.at(-1)?.height;
  return options.length < 2 || lowest === undefined || lowest === choice ? undefined : lowest;
}
