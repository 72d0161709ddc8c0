import type { PacingClock, RateLimits } from './rate-limit.ts';

/** What a driver is told beside its spec and credentials. */
export interface PlatformContext {
  /** Marks the streams that are ours. */
  readonly clusterId: string;
  /** Name of the StreamingPlatform. */
  readonly platform: string;
  readonly clock: PacingClock & { now(): Date };
  /** Shared by all drivers of the process: accounts are limited, not resources. */
  readonly rateLimits: RateLimits;
}
