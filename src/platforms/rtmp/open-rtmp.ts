import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import type { PlatformContext } from '../context.ts';
import type { PlatformDriver } from '../driver.ts';
import { fixedAddresses } from './fixed-addresses.ts';
import { RtmpPlatform } from './rtmp-platform.ts';

/**
 * Creates the driver of a service without an API. The Secret holds `ingestUrl`, `streamKey` and `playbackUrl`, and
 * `ca.crt` if the ingest has a private certificate. Throws a PlatformError if a value is missing or invalid.
 */
export function openRtmp(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
  _context: PlatformContext,
): PlatformDriver {
  const { namespace, name } = spec.credentialsRef;
  return new RtmpPlatform(fixedAddresses(spec, credentials), {
    secret: `${namespace}/${name}`,
    ingestCa: credentials.get('ca.crt'),
    maxVideoBitrateKbps: spec.limits.maxVideoBitrateKbps,
  });
}
