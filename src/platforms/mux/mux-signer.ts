import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import { requiredCredential } from '../credentials.ts';
import { PlatformError } from '../errors.ts';
import type { PlaybackGrant, SignableStream } from '../platform.ts';

/** What a token is for: to watch a playback id, or to ask how many watch a live stream. */
export type MuxAudience = 'v' | 'live_stream_id';

/**
 * Signs tokens as Mux verifies them: RS256, with a key pair of which Mux has the public half.
 * https://www.mux.com/docs/guides/secure-video-playback, https://www.mux.com/docs/guides/see-how-many-people-are-watching
 */
export class MuxSigner {
  readonly #keyId: string;
  readonly #key: KeyObject;

  constructor(keyId: string, key: KeyObject) {
    this.#keyId = keyId;
    this.#key = key;
  }

  sign(subject: string, audience: MuxAudience, expiresAt: Date): Promise<string> {
    // Mux's own SDK has the key's id among the claims, its guides in the header.
    return new SignJWT({ kid: this.#keyId })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: this.#keyId })
      .setSubject(subject)
      .setAudience(audience)
      .setExpirationTime(Math.floor(expiresAt.getTime() / 1_000))
      .sign(this.#key);
  }
}

/** Undefined where the Secret has no signing key, which only signed playback and viewer counts need. */
export function signerOf(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
): MuxSigner | undefined {
  const given = ['signingKeyId', 'signingPrivateKey'].filter(
    (key) => (credentials.get(key) ?? '').trim() !== '',
  );
  if (given.length === 0) return undefined;
  const keyId = requiredCredential(spec, credentials, 'signingKeyId').reveal();
  return new MuxSigner(
    keyId,
    privateKeyOf(requiredCredential(spec, credentials, 'signingPrivateKey').reveal()),
  );
}

/** The playback address with a token for its playback ID. */
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
    // What the parser says may quote the key.
  }
  throw new PlatformError(
    'CredentialsRejected',
    'signingPrivateKey in the Secret is not an RSA private key; paste it as Mux shows it when a signing key is made (base64 of a PEM).',
    { retryable: false },
  );
}
