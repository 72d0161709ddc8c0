/** What lies over the player: a menu or a dialog, one at a time. */
export type Layer = 'quality' | 'more' | 'report' | 'shortcuts';
