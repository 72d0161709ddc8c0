import type { QoeReport } from '../../../src/server/contract/qoe.ts';

/** A report of a player that plays well. `player` is a number, from which its sid is made. */
export function aQoeReport(player = 1, difference: Partial<QoeReport> = {}): QoeReport {
  return {
    ...{ v: 1, sid: player.toString(16).padStart(16, '0'), seq: 0, dur: 30, playing: 30, stalled: 0 },
    ...{ stalls: 0, switches: 0, dropped: 0, frames: 750, state: 'playing', visible: true },
    ua: { browser: 'chrome', major: 156, os: 'android', mobile: true },
    ...difference,
  };
}
