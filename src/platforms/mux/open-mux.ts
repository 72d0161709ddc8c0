import { Agent } from 'undici';
import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import type { PlatformContext } from '../context.ts';
import { requiredCredential } from '../credentials.ts';
import { PlatformError } from '../errors.ts';
import type { PlatformDriver } from '../driver.ts';
import type { PlaybackSigning } from '../platform.ts';
import { MuxApi } from './mux-api.ts';
import { MuxPlatform } from './mux-platform.ts';
import { requiredSigner, signMuxPlayback, signerOf } from './mux-signer.ts';
import { MuxViewers } from './mux-viewers.ts';

/**
 * Creates the driver of Mux Video. The Secret holds `tokenId` and `tokenSecret`, `signingKeyId` and `signingPrivateKey`
 * for signed playback and viewer counts, and `ca.crt` if baseUrl and the ingest have a private certificate.
 */
export function openMux(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
  { clusterId, rateLimits, clock }: PlatformContext,
): PlatformDriver {
  const { mux, limits } = spec;
  if (mux === undefined)
    throw new PlatformError('InvalidConfiguration', 'spec.mux must be set when spec.provider is mux.', {
      retryable: false,
    });
  const ca = credentials.get('ca.crt');
  const agent = new Agent({
    connections: 8,
    connect: { timeout: 5_000, ...(ca === undefined ? {} : { ca }) },
  });
  const signer = signerOf(spec, credentials);
  const { statsUrl } = mux;
  const viewers =
    signer !== undefined && mux.viewerCounts
      ? new MuxViewers({
          signer,
          statsUrl,
          agent,
          // Mux documents no limit for the counts. One call per stream adds up to many calls.
          bucket: rateLimits.bucket(`mux counts ${statsUrl ?? ''}`, { perSecond: 20, burst: 20 }),
          now: () => clock.now(),
        })
      : undefined;
  const api = new MuxApi({
    tokenId: requiredCredential(spec, credentials, 'tokenId'),
    tokenSecret: requiredCredential(spec, credentials, 'tokenSecret'),
    baseUrl: mux.baseUrl,
    agent,
    rateLimits,
  });
  return new MuxPlatform(api, {
    ...mux,
    clusterId,
    ingestCa: ca,
    maxVideoBitrateKbps: limits.maxVideoBitrateKbps,
    signer,
    viewers,
  });
}

/** Creates the signer. `keys` holds `signingKeyId` and `signingPrivateKey`. */
export function openMuxSigner(
  spec: StreamingPlatformSpec,
  keys: ReadonlyMap<string, string>,
): PlaybackSigning {
  const signer = requiredSigner(spec, keys);
  return { signPlayback: (stream, grant) => signMuxPlayback(signer, stream, grant) };
}
