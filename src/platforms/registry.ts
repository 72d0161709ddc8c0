import type { StreamingPlatformSpec } from '../api/streaming-platform.ts';
import type { PlatformContext } from './context.ts';
import { openCloudflare, openCloudflareSigner } from './cloudflare/open-cloudflare.ts';
import { openIvs, openIvsSigner } from './ivs/open-ivs.ts';
import { openMux, openMuxSigner } from './mux/open-mux.ts';
import { openOrigin, openOriginSigner } from './origin/open-origin.ts';
import type { PlaybackSigning, Platform } from './platform.ts';
import { openRtmp } from './rtmp/open-rtmp.ts';
import { cannotSign } from './rtmp/rtmp-platform.ts';

/**
 * Creates the driver of a StreamingPlatform. Opens no connection; call `verify` to check that the platform answers.
 * `credentials` is the decoded data of the Secret that the spec refers to.
 * Throws a PlatformError: CredentialsNotFound names the key that is missing in the Secret.
 */
export function openPlatform(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
  context: PlatformContext,
): Platform {
  switch (spec.provider) {
    case 'origin':
      return openOrigin(spec, credentials, context);
    case 'ivs':
      return openIvs(spec, credentials, context);
    case 'cloudflare':
      return openCloudflare(spec, credentials, context);
    case 'mux':
      return openMux(spec, credentials, context);
    case 'rtmp':
      return openRtmp(spec, credentials, context);
  }
}

/**
 * Creates the signer of a StreamingPlatform's playback URLs. `keys` holds the signing keys of its Secret; credentials that
 * can change the account are not needed. Signing makes no call, except to an origin, which signs its URLs itself.
 * Throws a PlatformError: CredentialsNotFound names the key that is missing.
 */
export function openSigner(
  spec: StreamingPlatformSpec,
  keys: ReadonlyMap<string, string>,
  clock: Pick<PlatformContext['clock'], 'now'>,
): PlaybackSigning {
  switch (spec.provider) {
    case 'origin':
      return openOriginSigner(spec, keys);
    case 'ivs':
      return openIvsSigner(spec, keys, clock);
    case 'cloudflare':
      return openCloudflareSigner(spec, keys, clock);
    case 'mux':
      return openMuxSigner(spec, keys);
    case 'rtmp':
      throw cannotSign();
  }
}
