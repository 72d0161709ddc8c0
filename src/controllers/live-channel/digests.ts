import type { LiveChannel } from '../../api/live-channel.ts';
import type { CredentialsFacts, Digests, Found, PlatformFacts } from '../../channel/state.ts';
import type { Slot } from '../../api/stream-records.ts';
import { relayConfig, type RelayRole } from '../../channel/pod/relay-config.ts';
import { relayPod, type RelayImage } from '../../channel/pod/relay-pod.ts';
import { digest } from '../relays/relay-secret.ts';

/** The sources from which the Secret and the pod of a slot are created. */
export interface DigestSources {
  readonly channel: LiveChannel;
  readonly slot: Slot | undefined;
  readonly role: RelayRole;
  readonly platform: Found<PlatformFacts>;
  readonly credentials: Found<CredentialsFacts>;
  /** The ingest's certificate is signed by a private CA. */
  readonly hasCa: boolean;
  readonly relay: RelayImage;
}

/** Digests of the desired configuration and pod; empty while a source is unknown. */
export function desiredDigests({
  channel,
  slot,
  role,
  platform,
  credentials,
  hasCa,
  relay,
}: DigestSources): Digests {
  if (!platform.ok || !credentials.ok || slot === undefined) return { config: '', pod: '' };
  const digestFor = (as?: RelayRole): string =>
    digest(JSON.stringify(relayConfig(channel, slot, credentials.value, platform.value, hasCa, as)));
  // The role is left out of the pod's digest: on a failover the standby is commanded to push, not replaced.
  return {
    config: digestFor(role),
    pod: digest(digestFor() + JSON.stringify(relayPod(channel, slot, relay))),
  };
}
