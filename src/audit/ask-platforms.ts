import type { StreamingPlatform } from '../api/streaming-platform.ts';
import type { Problem } from '../channel/state.ts';
import { KubeError } from '../kube/errors.ts';
import { PlatformError } from '../platforms/errors.ts';
import type { AskedPlatform } from './audit.ts';
import type { ClusterSession } from './cluster-session.ts';

/** A platform with hundreds of streams is listed in seconds; one that takes longer than this does not answer. */
const PATIENCE_MS = 120_000;

/** Asks all of them at once for what they have. One that does not answer is part of the result. */
export function askPlatforms(
  session: ClusterSession,
  platforms: readonly StreamingPlatform[],
): Promise<readonly AskedPlatform[]> {
  return Promise.all(
    platforms.map(async ({ metadata: { name }, spec }): Promise<AskedPlatform> => {
      const signal = AbortSignal.timeout(PATIENCE_MS);
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
  // Its Secret may not be read with this kubeconfig.
  if (error instanceof KubeError) return { reason: 'CredentialsNotFound', message: error.message };
  throw error;
}
