import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import type { PlatformContext } from '../context.ts';
import type { Platform } from '../platform.ts';
import { fixedAddresses } from './fixed-addresses.ts';
import { RtmpPlatform } from './rtmp-platform.ts';

/**
 * The driver of a service without an API: the Secret holds `ingestUrl`, `streamKey` and `playbackUrl`, and `ca.crt`
 * where the ingest's certificate is private. Throws a PlatformError where they are missing or make no sense.
 */
export function openRtmp(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
  _context: PlatformContext,
): Platform {
  const { namespace, name } = spec.credentialsRef;
  return new RtmpPlatform(fixedAddresses(spec, credentials), {
    secret: `${namespace}/${name}`,
    ingestCa: credentials.get('ca.crt'),
    maxVideoBitrateKbps: spec.limits.maxVideoBitrateKbps,
  });
}
