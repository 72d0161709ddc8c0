import { inflateSync } from 'node:zlib';

/** What an Agora token (AccessToken2, "007...") says. Its signature cannot be verified without the certificate. */
export interface AccessToken {
  readonly appId: string;
  readonly issuedAt: Date;
  /** When Agora stops accepting the token: the earliest of the ends of the token, of the privilege to join, and of a day. */
  readonly expiresAt: Date;
  /** Undefined if the token does not permit to join a channel, e.g. one for Signaling or Chat alone. */
  readonly channel: TokenChannel | undefined;
}

/** The part of a token that permits to join a channel. */
export interface TokenChannel {
  readonly name: string;
  /** Uid or user account as text; empty if the token is valid for every uid. */
  readonly user: string;
}

/** Agora's own tokens have some 150 to 400 characters. */
const MAX_TOKEN_CHARACTERS = 4_096;
const MAX_UNPACKED_BYTES = 8_192;
/** Agora has fewer than ten services, and four privileges of the RTC service. */
const MAX_ENTRIES = 32;
/** Agora accepts no token for longer, whatever the token says: https://docs.agora.io/en/video-calling/token-authentication */
const MAX_LIFETIME_SECONDS = 86_400;

const RTC_SERVICE = 1;
const JOIN_CHANNEL = 1;
/** How many texts follow the privileges of a service. The texts of other services are not known. */
const TEXTS_OF_SERVICE: ReadonlyMap<number, number> = new Map([
  [RTC_SERVICE, 2],
  [2, 1],
  [3, 2],
  [4, 0],
  [5, 1],
]);

/**
 * Parses an AccessToken2; undefined if the text is none. agora-token can parse tokens, too, but does not export it, and
 * unpacks them without a limit.
 * Format: https://github.com/AgoraIO/Tools (DynamicKey/AgoraDynamicKey, AccessToken2).
 */
export function parseAccessToken(text: string): AccessToken | undefined {
  if (text.length > MAX_TOKEN_CHARACTERS || !/^007[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  try {
    const packed = Buffer.from(text.slice(3), 'base64');
    return readToken(new Reader(inflateSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES })));
  } catch {
    return undefined; // not zlib, too large, or truncated
  }
}

function readToken(reader: Reader): AccessToken | undefined {
  reader.nextText(); // the signature
  const appId = reader.nextText();
  if (!/^[0-9a-f]{32}$/i.test(appId)) return undefined;
  const issued = reader.u32();
  const lifetime = reader.u32();
  reader.u32(); // the salt
  const { channel, joinSeconds } = readServices(reader);
  const seconds = Math.min(lifetime, MAX_LIFETIME_SECONDS, joinSeconds === 0 ? Infinity : joinSeconds);
  return {
    appId,
    issuedAt: new Date(issued * 1_000),
    expiresAt: new Date((issued + seconds) * 1_000),
    channel,
  };
}

/** `joinSeconds`: how long after its issue the token permits to join; 0 for as long as it is valid. */
function readServices(reader: Reader): { channel: TokenChannel | undefined; joinSeconds: number } {
  for (let left = reader.count(); left > 0; left -= 1) {
    const service = reader.u16();
    const privileges = new Map<number, number>();
    for (let each = reader.count(); each > 0; each -= 1) privileges.set(reader.u16(), reader.u32());
    const texts = TEXTS_OF_SERVICE.get(service);
    if (texts === undefined) break;
    const [name = '', user = ''] = Array.from({ length: texts }, () => reader.nextText());
    if (service !== RTC_SERVICE) continue;
    const joinSeconds = privileges.get(JOIN_CHANNEL);
    return joinSeconds === undefined
      ? { channel: undefined, joinSeconds: 0 }
      : { channel: { name, user: user === '0' ? '' : user }, joinSeconds };
  }
  return { channel: undefined, joinSeconds: 0 };
}

/** Little-endian reader of the token's packing; throws RangeError beyond the end. */
class Reader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  u16(): number {
    this.#at += 2;
    return this.#buffer.readUInt16LE(this.#at - 2);
  }

  u32(): number {
    this.#at += 4;
    return this.#buffer.readUInt32LE(this.#at - 4);
  }

  /** The number of entries of a list. */
  count(): number {
    const count = this.u16();
    if (count > MAX_ENTRIES) throw new RangeError('too many entries');
    return count;
  }

  nextText(): string {
    const length = this.u16();
    if (this.#at + length > this.#buffer.length) throw new RangeError('text exceeds the end of the token');
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at).toString('utf8');
  }
}
