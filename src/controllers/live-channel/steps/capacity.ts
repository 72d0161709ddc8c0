import type { Capacity } from '../../platforms/stream-quota.ts';
import type { OpenPlatform } from '../../../cluster/platform-directory.ts';

/** The smaller of what the platform's owner allows and what the provider does. */
export function capacityOf({ name, resource, driver }: OpenPlatform): Capacity {
  const most = Math.min(
    resource.spec.limits.maxStreams ?? Infinity,
    driver.capabilities.maxStreams ?? Infinity,
  );
  return { platform: name, maxStreams: Number.isFinite(most) ? most : undefined };
}
