import type { StreamingPlatform } from '../api/streaming-platform.ts';
import type { Problem } from '../channel/state.ts';
import { KubeError } from '../kube/errors.ts';
import { PlatformError } from '../platforms/errors.ts';
import type { AskedPlatform } from './audit.ts';
import type { ClusterSession } from './cluster-session.ts';

/** Time limit per platform. Listing hundreds of streams takes seconds, so a slower platform counts as unavailable. */
const PLATFORM_TIMEOUT_MS = 120_000;

/**
 * Lists the streams and analytics of all given platforms concurrently. A platform that fails is part of the result, with
 * its problem. Only errors other than PlatformError and KubeError are thrown.
 */
export function askPlatforms(
  session: ClusterSession,
  platforms: readonly StreamingPlatform[],
): Promise<readonly AskedPlatform[]> {
  return Promise.all(
    platforms.map(async ({ metadata: { name }, spec }): Promise<AskedPlatform> => {
      const signal = AbortSignal.timeout(PLATFORM_TIMEOUT_MS);
      try {
        const opened = await session.open(name, signal);
        if (!opened.ok) return { name, spec, answer: opened };
        const { driver } = opened.value;
        const streams = await driver.listStreams(signal);
        const analytics = await driver.analytics(signal);
        return { name, spec, answer: { ok: true, streams, analytics } };
      } catch (error) {
        return { name, spec, answer: { ok: false, problem: problemOf(error) } };
      }
    }),
  );
}

function problemOf(error: unknown): Problem {
  if (error instanceof PlatformError) return { reason: error.reason, message: error.message };
  // This kubeconfig has no permission to read the platform's Secret.
  if (error instanceof KubeError) return { reason: 'CredentialsNotFound', message: error.message };
  throw error;
}
