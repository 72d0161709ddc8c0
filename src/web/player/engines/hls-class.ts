import type { default as Hls } from 'hls.js';

/** Either build of hls.js. */
export type HlsClass = typeof Hls;
