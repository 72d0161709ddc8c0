import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { SecretText } from '../../base/secret-text.ts';
import { PlatformError } from '../errors.ts';
import type { PlaybackGrant, SignableStream } from '../platform.ts';
import { addressFor } from './playback-address.ts';

/** Cloudflare refuses a token that lives longer from when it was signed (docs: secure your Stream). */
const LONGEST_MS = 24 * 60 * 60 * 1_000;

/** Signs playback tokens with a key of the account, without a call. */
export class PlaybackSigner {
  readonly keyId: string;
  readonly #key: KeyObject;

  /** `pem` as POST /stream/keys gives it, in base64, or decoded. Throws a PlatformError. */
  constructor(keyId: string, pem: SecretText) {
    this.keyId = keyId;
    this.#key = rsaKey(pem);
  }

  /** The stream's address with a token in the place of its uid. There is no room for the viewer's name in it. */
  async sign({ id, playbackUrl }: SignableStream, { expiresAt }: PlaybackGrant, now: Date): Promise<string> {
    if (expiresAt.getTime() - now.getTime() > LONGEST_MS)
      throw new PlatformError(
        'InvalidConfiguration',
        'Cloudflare Stream takes playback tokens of at most 24 hours; ask for a shorter one, and for another later.',
        { retryable: false },
      );
    const token = await new SignJWT({ kid: this.keyId })
      .setProtectedHeader({ alg: 'RS256', kid: this.keyId })
      .setSubject(id)
      .setExpirationTime(expiresAt)
      .sign(this.#key);
    const address = addressFor(playbackUrl, id, token);
    if (address !== undefined) return address;
    throw new PlatformError(
      'InvalidConfiguration',
      `The playback address ${playbackUrl} is not one of live input ${id}.`,
      { retryable: false },
    );
  }
}

function rsaKey(pem: SecretText): KeyObject {
  const value = pem.reveal();
  try {
    const text = value.startsWith('-----BEGIN') ? value : Buffer.from(value, 'base64').toString('utf8');
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // Not told on: what OpenSSL says of it helps nobody, and the value must not be shown.
  }
  throw new PlatformError(
    'InvalidConfiguration',
    'What the Secret has under the key "signingKeyPem" is no RSA private key: put there the pem that POST /stream/keys gave.',
    { retryable: false },
  );
}
