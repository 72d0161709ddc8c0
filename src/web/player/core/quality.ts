import type { EngineLevel } from './engine.ts';
import type { QualityChoice, QualityOption, QualityView } from './snapshot.ts';

/** Highest level of the data saver, in lines. */
const DATA_SAVER_HEIGHT = 480;

export interface QualityWish {
  readonly choice: QualityChoice;
  readonly dataSaver: boolean;
}

/** What to set in the engine; undefined: automatic, without a cap. */
export interface LevelOrder {
  readonly level: number | undefined;
  readonly cap: number | undefined;
}

/** Levels that know their height, one option a height, the highest first. */
export function qualityOptions(levels: readonly EngineLevel[]): QualityOption[] {
  const byHeight = new Map<number, number>();
  for (const { height, bitrate } of levels)
    if (height !== undefined) byHeight.set(height, Math.max(byHeight.get(height) ?? 0, bitrate));
  return [...byHeight]
    .map(([height, bitrate]) => ({ height, kbps: bitrate > 0 ? Math.round(bitrate / 1_000) : undefined }))
    .sort((left, right) => right.height - left.height);
}

/**
 * The wish in terms of these levels. It is remembered by height, because another playlist has other indexes: of the levels
 * that are no higher than it, the highest is used, and automatic selection where there is none.
 */
export function levelOrder(levels: readonly EngineLevel[], { choice, dataSaver }: QualityWish): LevelOrder {
  const level = choice === 'auto' ? undefined : bestUpTo(levels, choice)?.index;
  const cap = dataSaver ? (bestUpTo(levels, DATA_SAVER_HEIGHT) ?? lowest(levels))?.index : undefined;
  return { level, cap };
}

export function qualityView(
  levels: readonly EngineLevel[],
  { choice, dataSaver }: QualityWish,
  playing: number | undefined,
): QualityView {
  const named = qualityOptions(levels);
  // A playlist of one rendition need not say its height: it is what is on the screen.
  const measured = levels.length > 0 && named.length === 0 && playing !== undefined;
  const options = measured ? [{ height: playing, kbps: undefined }] : named;
  const chosen = choice === 'auto' ? undefined : bestUpTo(levels, choice)?.height;
  // With one level, there is nothing to choose, and nothing to have chosen.
  return { options, choice: options.length > 1 ? (chosen ?? 'auto') : 'auto', playing, dataSaver };
}

function bestUpTo(levels: readonly EngineLevel[], height: number): EngineLevel | undefined {
  return levels
    .filter((level) => level.height !== undefined && level.height <= height)
    .reduce<EngineLevel | undefined>((best, level) => (isBetter(level, best) ? level : best), undefined);
}

function lowest(levels: readonly EngineLevel[]): EngineLevel | undefined {
  return levels
    .filter(({ height }) => height !== undefined)
    .reduce<EngineLevel | undefined>(
      (worst, level) => (worst === undefined || isBetter(worst, level) ? level : worst),
      undefined,
    );
}

function isBetter(level: EngineLevel, than: EngineLevel | undefined): boolean {
  if (than === undefined) return true;
  const [height, other] = [level.height ?? 0, than.height ?? 0];
  return height === other ? level.bitrate > than.bitrate : height > other;
}
