import type { LiveChannel } from '../../api/live-channel.ts';
import type { CredentialsFacts, Digests, Found, PlatformFacts } from '../../channel/observed.ts';
import type { StreamRecord } from '../../channel/ownership.ts';
import { relayConfig } from '../../channel/relay-config.ts';
import { relayPod, type RelayImage } from '../../channel/relay-pod.ts';
import { digest } from '../relay-secret.ts';

/** Digests of what the children of a record's slot should be made from; empty while that is not known. */
export function wantedDigests(
  channel: LiveChannel,
  { slot }: Pick<StreamRecord, 'slot'>,
  platform: Found<PlatformFacts>,
  credentials: Found<CredentialsFacts>,
  hasCa: boolean,
  relay: RelayImage,
): Digests {
  if (!platform.ok || !credentials.ok || slot === undefined) return { config: '', pod: '' };
  const config = digest(
    JSON.stringify(relayConfig(channel, slot, credentials.value.appId, platform.value, hasCa)),
  );
  return { config, pod: digest(config + JSON.stringify(relayPod(channel, slot, relay))) };
}
