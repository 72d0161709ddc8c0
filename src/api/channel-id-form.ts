import { isPlainText } from '../base/plain-text.ts';

/** Longest ID of a channel, in bytes of UTF-8. */
export const MAX_CHANNEL_ID_BYTES = 512;

/**
 * Whether the text can be the ID of a channel: 1 to 512 bytes of UTF-8 without control characters. Runs in a browser, so
 * nothing of Node is imported.
 */
export function isChannelId(text: string): boolean {
  // No character has less than one byte, so a longer text needs no encoding.
  if (text.length === 0 || text.length > MAX_CHANNEL_ID_BYTES || !isPlainText(text)) return false;
  return new TextEncoder().encode(text).length <= MAX_CHANNEL_ID_BYTES;
}
