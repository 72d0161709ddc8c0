import type { Capacity } from '../admissions.ts';
import type { OpenPlatform } from '../platform-directory.ts';

/** The smaller of what the platform's owner allows and what the provider does. */
export function capacityOf({ name, resource, driver }: OpenPlatform): Capacity {
  const most = Math.min(
    resource.spec.limits.maxStreams ?? Infinity,
    driver.capabilities.maxStreams ?? Infinity,
  );
  return { platform: name, maxStreams: Number.isFinite(most) ? most : undefined };
}
