import type { PacingClock, RateLimits } from './rate-limit.ts';

/** What a driver needs in addition to its spec and credentials. */
export interface PlatformContext {
  /** Written into the owner tag of each stream; only streams with this cluster ID are touched. */
  readonly clusterId: string;
  /** Name of the StreamingPlatform. */
  readonly platform: string;
  readonly clock: PacingClock & { now(): Date };
  /** Shared by all drivers of the process, because providers limit accounts and not StreamingPlatforms. */
  readonly rateLimits: RateLimits;
}
