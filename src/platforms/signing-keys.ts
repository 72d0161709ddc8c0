import type { Provider } from '../api/streaming-platform.ts';

/** Keys of a platform's Secret that are needed to sign playback URLs; none if the provider cannot sign. */
export const signingKeys = {
  /** The operator has imported its public half. */
  ivs: ['playbackPrivateKey'],
  cloudflare: ['signingKeyId', 'signingKeyPem'],
  mux: ['signingKeyId', 'signingPrivateKey'],
  /** The origin signs on a request with its token. */
  origin: ['token', 'ca.crt'],
  rtmp: [],
} as const satisfies Record<Provider, readonly string[]>;

/** A provider that can sign. */
export type SigningProvider = {
  [P in Provider]: (typeof signingKeys)[P] extends readonly [] ? never : P;
}[Provider];
