import type { LiveChannel } from '../../api/live-channel.ts';
import {
  found,
  type Failure,
  type Found,
  type Observed,
  type StreamPresence,
} from '../../channel/observed.ts';
import { podFacts } from '../../channel/pod-facts.ts';
import { ending } from '../../channel/pod-problem.ts';
import type { Pod, Secret } from '../../kube/core-types.ts';
import { streamId } from '../../platforms/platform.ts';
import { readAgoraCredentials, type AgoraCredentials } from '../agora-credentials.ts';
import type { OpenPlatform, PlatformDirectory } from '../platform-directory.ts';
import type { PresenceChecks } from '../presence-checks.ts';
import type { RelayReports } from '../relay-reports.ts';
import { relaySecretFacts } from '../relay-secret.ts';
import type { SecretReader } from '../secret-reader.ts';

/** What a reconcile works on: the facts for decisions, and beside them the objects that acting needs. */
export interface Scene {
  readonly observed: Observed;
  readonly platform: Found<OpenPlatform>;
  readonly credentials: Found<AgoraCredentials>;
  readonly secret: Secret | undefined;
}

export interface Observers {
  readonly platforms: PlatformDirectory;
  readonly secrets: SecretReader;
  readonly reports: RelayReports;
  readonly presences: PresenceChecks;
}

/** Looks at everything that a decision about the channel rests on. */
export async function observe(
  objects: {
    readonly channel: LiveChannel;
    readonly pod: Pod | undefined;
    readonly secret: Secret | undefined;
  },
  observers: Observers,
  signal: AbortSignal,
): Promise<Scene> {
  const { channel, secret } = objects;
  const chosen = observers.platforms.choose(channel);
  const platform = chosen.ok ? await observers.platforms.openResource(chosen.value, signal) : chosen;
  const credentials = await readAgoraCredentials(channel, observers.secrets, signal);
  const pod = objects.pod === undefined ? undefined : podFacts(objects.pod);
  const report = pod === undefined ? undefined : await observers.reports.of(pod, signal);
  const observed: Observed = {
    channel,
    platform: platform.ok
      ? found({
          name: platform.value.name,
          takeover: platform.value.driver.capabilities.takeover,
          maxVideoBitrateKbps: Math.min(
            platform.value.driver.capabilities.maxVideoBitrateKbps,
            platform.value.resource.spec.limits.maxVideoBitrateKbps ?? Infinity,
          ),
        })
      : platform,
    credentials,
    secret: relaySecretFacts(secret),
    pod,
    report,
    stream: 'unknown',
    failure: undefined,
  };
  const stream = await streamPresence(observed, platform, observers, signal);
  return { observed: { ...observed, stream }, platform, credentials, secret };
}

export function withFailure(scene: Scene, failure: Failure): Scene {
  return { ...scene, observed: { ...scene.observed, failure } };
}

/**
 * Whether the stream is still there. The platform's regular listing raises the doubt, or an ingest that refuses the
 * key; only a direct question settles it, and it is not asked more often than a platform bears.
 */
async function streamPresence(
  observed: Observed,
  platform: Found<OpenPlatform>,
  observers: Observers,
  signal: AbortSignal,
): Promise<StreamPresence> {
  const { secret, pod, report } = observed;
  if (!platform.ok || secret?.platform !== platform.value.name) return 'unknown';
  const listing = observers.platforms.listing(secret.platform);
  const listed = listing?.streams.has(secret.streamId) ?? true;
  const unlisted = !listed && listing !== undefined && listing.at > secret.tokenIssuedAt;
  const refused =
    report?.reason === 'IngestRejected' ||
    (pod !== undefined && !pod.running && pod.ended !== undefined && ending(pod).reason === 'IngestRejected');
  if (!unlisted && !refused) return 'unknown';
  return observers.presences.ask(platform.value, streamId(secret.streamId), signal);
}
