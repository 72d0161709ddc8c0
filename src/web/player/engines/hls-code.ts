/** What connects hls.js to the player: one file, which is loaded beside it. */
export { HlsEngine } from './hls-engine.ts';
export { withoutReplay } from './hls-without-replay.ts';
