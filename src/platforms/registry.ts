import type { StreamingPlatformSpec } from '../api/streaming-platform.ts';
import type { PlatformContext } from './context.ts';
import { openOrigin } from './origin/open-origin.ts';
import { openCloudflare } from './cloudflare/open-cloudflare.ts';
import { openIvs } from './ivs/open-ivs.ts';
import { openMux } from './mux/open-mux.ts';
import { openRtmp } from './rtmp/open-rtmp.ts';
import type { Platform } from './platform.ts';

/**
 * The driver of a StreamingPlatform. Opens no connection: whether the platform answers is for `verify` to find out.
 * `credentials` is the decoded data of the Secret that the spec refers to.
 * Throws a PlatformError: CredentialsNotFound names the key that the Secret lacks.
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
