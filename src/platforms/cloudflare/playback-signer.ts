import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { SecretText } from '../../base/secret-text.ts';
import { PlatformError } from '../errors.ts';
import type { PlaybackGrant, SignableStream } from '../platform.ts';
import { addressFor } from './playback-address.ts';

/** Cloudflare refuses tokens with a longer validity (docs: secure your Stream). */
const MAX_VALIDITY_MS = 24 * 60 * 60 * 1_000;

/** Signs playback tokens locally, with a signing key of the account. */
export class PlaybackSigner {
  readonly keyId: string;
  readonly #key: KeyObject;

  /** `pem`: as POST /stream/keys returns it, in base64, or decoded. Throws InvalidConfiguration if it is invalid. */
  constructor(keyId: string, pem: SecretText) {
    this.keyId = keyId;
    this.#key = rsaKey(pem);
  }

  /**
   * Returns the playback URL with a token in place of the uid. Cloudflare's tokens have no field for a viewer ID. Throws
   * InvalidConfiguration if the validity exceeds 24 hours.
   */
  async sign({ id, playbackUrl }: SignableStream, { expiresAt }: PlaybackGrant, now: Date): Promise<string> {
    if (expiresAt.getTime() - now.getTime() > MAX_VALIDITY_MS)
      throw new PlatformError(
        'InvalidConfiguration',
        'Cloudflare Stream accepts playback tokens with a validity of at most 24 hours. Request a shorter one, and renew it later.',
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
      `The playback URL ${playbackUrl} does not belong to live input ${id}.`,
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
    // OpenSSL's error is dropped: it does not help, and the value must not be shown.
  }
  throw new PlatformError(
    'InvalidConfiguration',
    'signingKeyPem in the Secret is not an RSA private key. Set it to the pem that POST /stream/keys returned.',
    { retryable: false },
  );
}
