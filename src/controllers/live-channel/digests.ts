import type { Digests } from '../../channel/next-step.ts';
import { relayConfig } from '../../channel/relay-config.ts';
import { relayPod, type RelayImage } from '../../channel/relay-pod.ts';
import { digest, ingestDetails } from '../relay-secret.ts';
import type { Scene } from './observe.ts';

/** Digests of what the children should be made from. */
export function wantedDigests(scene: Scene, relay: RelayImage): Digests {
  const { channel, platform, credentials } = scene.observed;
  if (!platform.ok || !credentials.ok) return { config: '', pod: '' };
  const hasCa = ingestDetails(scene.secret)?.ingestCa !== undefined;
  const config = digest(
    JSON.stringify(relayConfig(channel, 0, credentials.value.appId, platform.value, hasCa)),
  );
  return { config, pod: digest(config + JSON.stringify(relayPod(channel, 0, relay))) };
}
