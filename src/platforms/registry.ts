import type { StreamingPlatformSpec } from '../api/streaming-platform.ts';
import type { PlatformContext } from './context.ts';
import { openCloudflare, openCloudflareSigner } from './cloudflare/open-cloudflare.ts';
import { CLOUDFLARE_ID } from './cloudflare/cloudflare-platform.ts';
import type { PlatformDriver } from './driver.ts';
import { IVS_ID } from './ivs/ivs-platform.ts';
import { openIvs, openIvsSigner } from './ivs/open-ivs.ts';
import { MUX_ID } from './mux/mux-platform.ts';
import { openMux, openMuxSigner } from './mux/open-mux.ts';
import { openOrigin, openOriginSigner } from './origin/open-origin.ts';
import { ORIGIN_ID } from './origin/origin-platform.ts';
import { OwnedPlatform, signerOfForm } from './owned-platform.ts';
import type { PlaybackSigning, Platform } from './platform.ts';
import { openRtmp } from './rtmp/open-rtmp.ts';
import { cannotSign } from './rtmp/rtmp-platform.ts';

/**
 * Opens a StreamingPlatform. Opens no connection; call `verify` to check that the platform answers.
 * `credentials` is the decoded data of the Secret that the spec refers to.
 * Throws a PlatformError: CredentialsNotFound names the key that is missing in the Secret.
 */
export function openPlatform(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
  context: PlatformContext,
): Platform {
  return new OwnedPlatform(openDriver(spec, credentials, context), context.clock);
}

function openDriver(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
  context: PlatformContext,
): PlatformDriver {
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
      return signerOfForm(openOriginSigner(spec, keys), ORIGIN_ID);
    case 'ivs':
      return signerOfForm(openIvsSigner(spec, keys, clock), IVS_ID);
    case 'cloudflare':
      return signerOfForm(openCloudflareSigner(spec, keys, clock), CLOUDFLARE_ID);
    case 'mux':
      return signerOfForm(openMuxSigner(spec, keys), MUX_ID);
    case 'rtmp':
      throw cannotSign();
  }
}
