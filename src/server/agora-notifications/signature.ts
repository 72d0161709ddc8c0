import { createHmac } from 'node:crypto';
import { secretsEqual } from '../../base/digest.ts';

/** The headers with which Agora signs a notification. Names are in lower case, as Node has them. */
export interface SignatureHeaders {
  readonly 'agora-signature'?: string | readonly string[] | undefined;
  readonly 'agora-signature-v2'?: string | readonly string[] | undefined;
}

/**
 * Whether the body was signed with the secret: HMAC-SHA-256 in Agora-Signature-V2 or, only without that header, HMAC-SHA-1
 * in Agora-Signature, as hexadecimal digits, over the bytes of the body. The time does not depend on where they differ.
 * https://docs.agora.io/en/interactive-live-streaming/advanced-features/receive-notifications#add-signature-verification
 */
export function isSignedWith(secret: string, body: Uint8Array, headers: SignatureHeaders): boolean {
  const { 'agora-signature-v2': v2, 'agora-signature': v1 } = headers;
  const [given, algorithm] = v2 === undefined ? [v1, 'sha1'] : [v2, 'sha256'];
  if (typeof given !== 'string') return false;
  return secretsEqual(given.toLowerCase(), createHmac(algorithm, secret).update(body).digest('hex'));
}
