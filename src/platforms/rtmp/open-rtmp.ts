import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import type { PlatformContext } from '../context.ts';
import { PlatformError } from '../errors.ts';
import type { Platform } from '../platform.ts';

/** Not there yet: replaced by the driver. */
export function openRtmp(
  spec: StreamingPlatformSpec,
  _credentials: ReadonlyMap<string, string>,
  _context: PlatformContext,
): Platform {
  throw new PlatformError('InvalidConfiguration', `No driver for ${spec.provider} yet.`, {
    retryable: false,
  });
}
