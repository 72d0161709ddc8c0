import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import type { PlatformContext } from '../context.ts';
import { requiredCredential } from '../credentials.ts';
import { PlatformError } from '../errors.ts';
import type { PlatformDriver } from '../driver.ts';
import type { PlaybackSigning } from '../platform.ts';
import { OriginClient } from './origin-client.ts';
import { grantPlayback, OriginPlatform } from './origin-platform.ts';

/** Creates the driver of an origin. The Secret holds `token`, and `ca.crt` if the origin has a private certificate. */
export function openOrigin(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
  { clusterId }: PlatformContext,
): PlatformDriver {
  return new OriginPlatform(clientOf(spec, credentials), {
    clusterId,
    ingestCa: credentials.get('ca.crt'),
    limits: spec.limits,
  });
}

/** Creates the signer. `keys` holds `token` and `ca.crt` as for the driver, because the origin signs the URLs itself. */
export function openOriginSigner(
  spec: StreamingPlatformSpec,
  keys: ReadonlyMap<string, string>,
): PlaybackSigning {
  const client = clientOf(spec, keys);
  return { signPlayback: (stream, grant) => grantPlayback(client, stream, grant) };
}

function clientOf(spec: StreamingPlatformSpec, credentials: ReadonlyMap<string, string>): OriginClient {
  if (spec.origin === undefined)
    throw new PlatformError('InvalidConfiguration', 'spec.origin must be set when spec.provider is origin.', {
      retryable: false,
    });
  return new OriginClient({
    controlUrl: spec.origin.controlUrl,
    token: requiredCredential(spec, credentials, 'token'),
    certificateAuthority: credentials.get('ca.crt'),
  });
}
