/** Commands that have a key. */
export const shortcutCommands = [
  'play',
  'mute',
  'volume-up',
  'volume-down',
  'live',
  'captions',
  'picture-in-picture',
  'full-screen',
  'help',
] as const;
export type ShortcutCommand = (typeof shortcutCommands)[number];

/** Values of KeyboardEvent.key, lower case. Those that video players have in common; `l` for live is ours. */
export const shortcutKeys: Readonly<Record<ShortcutCommand, readonly string[]>> = {
  play: [' ', 'k'],
  mute: ['m'],
  'volume-up': ['arrowup'],
  'volume-down': ['arrowdown'],
  live: ['l'],
  captions: ['c'],
  'picture-in-picture': ['p', 'i'],
  'full-screen': ['f'],
  help: ['?'],
};

/**
 * Where the focus is. A button has the space bar for itself, a slider the arrows; in a layer (a menu or a dialog) no key
 * is the player's.
 */
export type KeyPlace = 'stage' | 'button' | 'slider' | 'layer';

export function shortcutFor(key: string, place: KeyPlace): ShortcutCommand | undefined {
  if (place === 'layer' || (place === 'button' && key === ' ')) return undefined;
  if (place === 'slider' && key.startsWith('Arrow')) return undefined;
  const lower = key.toLowerCase();
  return shortcutCommands.find((command) => shortcutKeys[command].includes(lower));
}
