import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { SecretText } from '../../base/secret-text.ts';
import { PlatformError } from '../errors.ts';
import type { PlaybackGrant, SignableStream } from '../platform.ts';
import { sha256Hex } from '../../base/digest.ts';

/** A token that names its viewer may be valid no longer than this (AWS: Generate and Sign IVS Playback Tokens). */
const LONGEST_WITH_VIEWER_MS = 600_000;
const LONGEST_VIEWER_ID = 40;

/** The private half of a key pair that IVS verifies playback tokens with. */
export class PlaybackKey {
  readonly #key: KeyObject;
  /** PEM, for ImportPlaybackKeyPair. */
  readonly publicKey: string;
  /**
   * Name of the key pair on IVS. Made from the key, so that it is found again: IVS documents no way to reckon the
   * fingerprint that it gives.
   */
  readonly name: string;

  constructor(pem: SecretText) {
    this.#key = readKey(pem);
    const publicKey = createPublicKey(this.#key);
    this.publicKey = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const der = publicKey.export({ type: 'spki', format: 'der' });
    this.name = `livechannel-${sha256Hex(der, 32)}`;
  }

  /** The playback address with a token. The viewer is named where the token's time leaves room for that. */
  async sign(
    { id, playbackUrl }: SignableStream,
    { expiresAt, viewerId }: PlaybackGrant,
    now: Date,
  ): Promise<string> {
    const short = expiresAt.getTime() - now.getTime() <= LONGEST_WITH_VIEWER_MS;
    const named = viewerId !== undefined && viewerId.length <= LONGEST_VIEWER_ID && short;
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
    // Not as the cause: what OpenSSL says may quote what it was given.
    throw badKey('is no private key in PEM');
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'secp384r1') throw badKey('is not on the curve P-384');
  return key;
}

function badKey(what: string): PlatformError {
  return new PlatformError(
    'CredentialsRejected',
    `playbackPrivateKey in the Secret ${what}, as Amazon IVS needs it. Make one with: ` +
      'openssl ecparam -name secp384r1 -genkey -noout.',
    { retryable: false },
  );
}
