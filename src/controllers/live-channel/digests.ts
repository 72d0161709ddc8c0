import type { LiveChannel } from '../../api/live-channel.ts';
import type { CredentialsFacts, Digests, Found, PlatformFacts } from '../../channel/state.ts';
import type { Slot } from '../../api/annotations/stream-records.ts';
import { relayConfig, type RelayRole } from '../../channel/pod/relay-config.ts';
import { relayPod, type RelayImage } from '../../channel/pod/relay-pod.ts';
import { digest } from '../relays/relay-secret.ts';

/** Digests of what the children of a record's slot should be made from; empty while that is not known. */
export function desiredDigests(
  channel: LiveChannel,
  slot: Slot | undefined,
  role: RelayRole,
  platform: Found<PlatformFacts>,
  credentials: Found<CredentialsFacts>,
  hasCa: boolean,
  relay: RelayImage,
): Digests {
  if (!platform.ok || !credentials.ok || slot === undefined) return { config: '', pod: '' };
  const { appId } = credentials.value;
  const digestFor = (as?: RelayRole): string =>
    digest(JSON.stringify(relayConfig(channel, slot, appId, platform.value, hasCa, as)));
  // A relay that takes over is told so, and not replaced for it.
  return {
    config: digestFor(role),
    pod: digest(digestFor() + JSON.stringify(relayPod(channel, slot, relay))),
  };
}
