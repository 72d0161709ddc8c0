import { annotations } from './names.ts';
import { sha256 } from '../base/digest.ts';
import { isChannelId, MAX_CHANNEL_ID_BYTES } from './channel-id-form.ts';

/** The app's own ID of a channel as text (a number: its decimal digits): see isChannelId. */
export type ChannelId = string;

/** Longest name of a LiveChannel. */
const MAX_NAME_LENGTH = 63;
const ENCODED_PREFIX = 'x-';
const HASHED_PREFIX = 'h-';
/** IDs that are used as names without encoding. */
const PLAIN_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** RFC 4648, section 7 (base32hex): it keeps the order of the bytes, and has only lower-case letters and digits. */
const BASE32HEX = '0123456789abcdefghijklmnopqrstuv';

/**
 * The name of the LiveChannel for an app's channel ID. Every ID has a name, and no two IDs share one:
 *
 *   show-1         the ID itself: lower-case letters, digits and "-" as Kubernetes allows them, at most 63
 *   Show 1!        x-…: base32hex of its UTF-8, if it fits (38 bytes); also for IDs that begin with x- or h-
 *   longer IDs     h-…: base32hex of its SHA-256; the ID itself is in annotation livechannel.dev/channel-id
 *
 * @throws RangeError if the text is no ID
 */
export function resourceName(id: ChannelId): string {
  if (PLAIN_NAME.test(id) && !id.startsWith(ENCODED_PREFIX) && !id.startsWith(HASHED_PREFIX)) return id;
  if (!isChannelId(id))
    throw new RangeError(
      `A channel ID must have 1 to ${MAX_CHANNEL_ID_BYTES} bytes of well-formed UTF-8 without control characters.`,
    );
  const bytes = Buffer.from(id, 'utf8');
  const whole = encoded(bytes);
  return whole.length <= MAX_NAME_LENGTH ? whole : HASHED_PREFIX + base32(sha256(bytes));
}

const encoded = (bytes: Uint8Array): string => ENCODED_PREFIX + base32(bytes);

/** The reverse of resourceName: the ID in the annotation if it matches the name, else the ID that the name encodes. */
export function channelIdOf({
  name,
  annotations: noted = {},
}: {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}): ChannelId {
  const annotated = noted[annotations.channelId];
  if (annotated !== undefined && isNameOf(annotated, name)) return annotated;
  const decoded = decodedFrom(name);
  // A name that was chosen by hand and only resembles an encoded one is its own ID.
  return decoded !== undefined && isNameOf(decoded, name) ? decoded : name;
}

/**
 * Whether the name encodes a text that is no ID, such as one with a NUL. The ID of such a channel is the name itself, so
 * that it is counted, billed and found like any other.
 */
export function encodesNoId(name: string): boolean {
  const decoded = decodedFrom(name);
  return decoded !== undefined && encoded(Buffer.from(decoded, 'utf8')) === name && !isChannelId(decoded);
}

function decodedFrom(name: string): string | undefined {
  return name.startsWith(ENCODED_PREFIX) ? decoded32(name.slice(ENCODED_PREFIX.length)) : undefined;
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
      out += BASE32HEX.charAt((value >> bits) & 31);
    }
  }
  return bits === 0 ? out : out + BASE32HEX.charAt((value << (5 - bits)) & 31);
}

function decoded32(text: string): string | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const char of text) {
    const digit = BASE32HEX.indexOf(char);
    if (digit < 0) return undefined;
    value = ((value << 5) | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 255);
  }
  return Buffer.from(bytes).toString('utf8');
}
