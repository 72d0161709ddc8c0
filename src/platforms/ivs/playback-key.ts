import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { SecretText } from '../../base/secret-text.ts';
import { PlatformError } from '../errors.ts';
import type { PlaybackGrant, SignableStream } from '../platform.ts';
import { sha256Hex } from '../../base/digest.ts';

/** Maximum validity of a token with a viewer ID (AWS: Generate and Sign IVS Playback Tokens). */
const MAX_VALIDITY_WITH_VIEWER_MS = 600_000;
const MAX_VIEWER_ID_LENGTH = 40;

/** The private key that signs playback tokens. IVS verifies them with the public key. */
export class PlaybackKey {
  readonly #key: KeyObject;
  /** PEM, for ImportPlaybackKeyPair. */
  readonly publicKey: string;
  /**
   * Name of the key pair at IVS. Derived from the public key, so that the key pair can be found: IVS does not document how
   * to compute the fingerprint that it returns.
   */
  readonly name: string;

  /** Throws CredentialsRejected if `pem` is not a private key in PEM on the curve P-384. */
  constructor(pem: SecretText) {
    this.#key = readKey(pem);
    const publicKey = createPublicKey(this.#key);
    this.publicKey = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const der = publicKey.export({ type: 'spki', format: 'der' });
    this.name = `livechannel-${sha256Hex(der, 32)}`;
  }

  /**
   * Returns the playback URL with a token. The token contains the viewer ID only if the ID has at most 40 characters and
   * the token is valid for at most 10 minutes.
   */
  async sign(
    { id, playbackUrl }: SignableStream,
    { expiresAt, viewerId }: PlaybackGrant,
    now: Date,
  ): Promise<string> {
    const short = expiresAt.getTime() - now.getTime() <= MAX_VALIDITY_WITH_VIEWER_MS;
    const named = viewerId !== undefined && viewerId.length <= MAX_VIEWER_ID_LENGTH && short;
    const token = await new SignJWT({
      'aws:channel-arn': id,
      ...(named ? { 'aws:viewer-id': viewerId } : {}),
    })
      .setProtectedHeader({ alg: 'ES384', typ: 'JWT' })
      .setExpirationTime(Math.floor(expiresAt.getTime() / 1_000))
      .sign(this.#key);
    const url = new URL(playbackUrl);
    url.searchParams.set('token', token);
    return url.href;
  }
}

function readKey(pem: SecretText): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem.reveal());
  } catch {
    // The error is not kept as the cause: OpenSSL's message may quote the key.
    throw badKey('is not a private key in PEM format');
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'secp384r1') throw badKey('is not on the curve P-384');
  return key;
}

function badKey(what: string): PlatformError {
  return new PlatformError(
    'CredentialsRejected',
    `playbackPrivateKey in the Secret ${what}, which Amazon IVS requires. Create one with: ` +
      'openssl ecparam -name secp384r1 -genkey -noout.',
    { retryable: false },
  );
}
