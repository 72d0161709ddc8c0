import { annotations } from './names.ts';
import { sha256 } from '../base/digest.ts';

/** The app's own id of a channel, as text; a number is its decimal digits. 1 to 512 bytes of UTF-8. */
export type ChannelId = string;

const MOST_BYTES = 512;
/** The longest name of a LiveChannel. */
const MOST_NAME = 63;
const encodedPrefix = 'x-';
const hashedPrefix = 'h-';
/** Names that are their own id. */
const plain = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** RFC 4648, section 7: its order is that of the bytes, and it has lower-case letters and digits alone. */
const alphabet = '0123456789abcdefghijklmnopqrstuv';

/**
 * The name of the LiveChannel that an app's channel id stands for. Total for every id of 1 to 512 bytes, and no two ids
 * share a name:
 *
 *   show-1         its own name: lower-case letters, digits and "-" as Kubernetes allows them, 63 at most
 *   Show 1!        x-…: base32hex of its UTF-8, where that has room (38 bytes); also an id that begins with x- or h-
 *   longer ones    h-…: base32hex of its SHA-256; the id itself is kept in the annotation livechannel.dev/channel-id
 */
export function resourceName(id: ChannelId): string {
  if (plain.test(id) && !id.startsWith(encodedPrefix) && !id.startsWith(hashedPrefix)) return id;
  const bytes = Buffer.from(id, 'utf8');
  if (bytes.length === 0 || bytes.length > MOST_BYTES || bytes.toString('utf8') !== id)
    throw new RangeError(
      `A channel id has 1 to ${String(MOST_BYTES)} bytes of well-formed UTF-8; this one has ${String(bytes.length)}.`,
    );
  const encoded = encodedPrefix + base32(bytes);
  return encoded.length <= MOST_NAME ? encoded : hashedPrefix + base32(sha256(bytes));
}

/** The way back: what the annotation says where it fits the name, else what the name itself tells. */
export function channelIdOf({
  name,
  annotations: noted = {},
}: {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}): ChannelId {
  const said = noted[annotations.channelId];
  if (said !== undefined && isNameOf(said, name)) return said;
  if (!name.startsWith(encodedPrefix)) return name;
  const decoded = decoded32(name.slice(encodedPrefix.length));
  // A name that somebody gave by hand, and that only looks like ours, is its own id.
  return decoded !== undefined && isNameOf(decoded, name) ? decoded : name;
}

function isNameOf(id: string, name: string): boolean {
  try {
    return resourceName(id) === name;
  } catch {
    return false;
  }
}

function base32(bytes: Uint8Array): string {
  let out = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += alphabet.charAt((value >> bits) & 31);
    }
  }
  return bits === 0 ? out : out + alphabet.charAt((value << (5 - bits)) & 31);
}

function decoded32(text: string): string | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const char of text) {
    const digit = alphabet.indexOf(char);
    if (digit < 0) return undefined;
    value = ((value << 5) | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 255);
  }
  return Buffer.from(bytes).toString('utf8');
}
