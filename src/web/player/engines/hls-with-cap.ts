import type { HlsClass } from './hls-class.ts';

/**
 * hls.js caps the level by the size of the player, and sets its cap again at each change of size and each load: the viewer's
 * own would be lost. In this class the lower one holds. `cap` returns the index of the highest level; -1: any.
 */
export function withCap(hls: HlsClass, cap: () => number): HlsClass {
  return class extends hls {
    override get autoLevelCapping(): number {
      const own = super.autoLevelCapping;
      const other = cap();
      return own === -1 || other === -1 ? Math.max(own, other) : Math.min(own, other);
    }

    override set autoLevelCapping(level: number) {
      super.autoLevelCapping = level;
    }
  };
}
