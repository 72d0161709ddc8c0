import type { StreamingPlatformSpec } from '../api/streaming-platform.ts';
import { PlatformError } from './errors.ts';
import { openOrigin } from './origin/open-origin.ts';
import type { Platform } from './platform.ts';

/**
 * The driver of a StreamingPlatform. Opens no connection: whether the platform answers is for `verify` to find out.
 * `credentials` is the decoded data of the Secret that the spec refers to; `clusterId` marks the streams that are ours.
 * Throws a PlatformError: CredentialsNotFound names the key that the Secret lacks, ProviderNotSupported the provider.
 */
export function openPlatform(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
  clusterId: string,
): Platform {
  switch (spec.provider) {
    case 'origin':
      return openOrigin(spec, credentials, clusterId);
    case 'ivs':
    case 'cloudflare':
    case 'mux':
    case 'rtmp':
      throw new PlatformError(
        'ProviderNotSupported',
        `This version has no driver for provider ${spec.provider}. It has one for: origin.`,
        { retryable: false },
      );
  }
}
