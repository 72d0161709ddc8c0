import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import { requiredCredential } from '../credentials.ts';
import { PlatformError } from '../errors.ts';
import type { PlaybackGrant, SignableStream } from '../platform.ts';
import { signingKeys } from '../signing-keys.ts';

/** Purpose of a token: playback of a playback ID, or the viewer count of a live stream. */
export type MuxAudience = 'v' | 'live_stream_id';

/**
 * Signs tokens with RS256 and a private key whose public key Mux has.
 * https://www.mux.com/docs/guides/secure-video-playback, https://www.mux.com/docs/guides/see-how-many-people-are-watching
 */
export class MuxSigner {
  readonly #keyId: string;
  readonly #key: KeyObject;

  constructor(keyId: string, key: KeyObject) {
    this.#keyId = keyId;
    this.#key = key;
  }

  /** Returns a token for a playback ID or a live stream ID. */
  sign(subject: string, audience: MuxAudience, expiresAt: Date): Promise<string> {
    // Mux's SDK puts the key ID into the claims, Mux's guides put it into the header.
    return new SignJWT({ kid: this.#keyId })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: this.#keyId })
      .setSubject(subject)
      .setAudience(audience)
      .setExpirationTime(Math.floor(expiresAt.getTime() / 1_000))
      .sign(this.#key);
  }
}

/**
 * The signer with the Secret's signing key. Undefined if the Secret has none; only signed playback and viewer counts
 * require one. Throws a PlatformError if only one of its two values is present, or the key is not an RSA key.
 */
export function signerOf(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
): MuxSigner | undefined {
  const given = signingKeys.mux.filter((key) => (credentials.get(key) ?? '').trim() !== '');
  return given.length === 0 ? undefined : requiredSigner(spec, credentials);
}

/** The signer with the Secret's signing key. Throws CredentialsNotFound if one of its two values is missing. */
export function requiredSigner(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
): MuxSigner {
  const keyId = requiredCredential(spec, credentials, 'signingKeyId').reveal();
  return new MuxSigner(
    keyId,
    privateKeyOf(requiredCredential(spec, credentials, 'signingPrivateKey').reveal()),
  );
}

/** Returns the playback URL with a token. Throws InvalidConfiguration if there is no signer or the URL is not Mux's. */
export async function signMuxPlayback(
  signer: MuxSigner | undefined,
  { playbackUrl }: SignableStream,
  { expiresAt }: PlaybackGrant,
): Promise<string> {
  const playbackId = /\/([^/?#]+)\.m3u8$/.exec(playbackUrl)?.[1];
  if (signer === undefined || playbackId === undefined)
    throw new PlatformError(
      'InvalidConfiguration',
      signer === undefined
        ? 'Playback at Mux cannot be signed. Add signingKeyId and signingPrivateKey to the Secret.'
        : `Playback of ${playbackUrl} cannot be signed: it is not a playlist of Mux.`,
      { retryable: false },
    );
  return `${playbackUrl}?token=${await signer.sign(playbackId, 'v', expiresAt)}`;
}

/** Mux returns the key as base64 of a PEM; the PEM itself is accepted as well. */
function privateKeyOf(text: string): KeyObject {
  const pem = text.startsWith('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('utf8');
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // The parser's message is dropped, because it may quote the key.
  }
  throw new PlatformError(
    'CredentialsRejected',
    'signingPrivateKey in the Secret is not an RSA private key. Set it to the private key that Mux returned with the signing key (base64 of a PEM).',
    { retryable: false },
  );
}
