import { SecretText } from '../../base/secret-text.ts';
import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import type { PlatformContext } from '../context.ts';
import { requiredCredential } from '../credentials.ts';
import type { PlatformDriver } from '../driver.ts';
import type { PlaybackSigning } from '../platform.ts';
import { IvsApi } from './ivs-api.ts';
import { ivsCapabilities } from './ivs-capabilities.ts';
import { IvsPlatform } from './ivs-platform.ts';
import { ivsEndpointOf, ivsSpecOf } from './ivs-spec.ts';
import { PlaybackKey } from './playback-key.ts';

/**
 * Creates the driver of Amazon IVS. The Secret holds `accessKeyId` and `secretAccessKey`, `sessionToken` for temporary
 * credentials, `playbackPrivateKey` (PEM, P-384) for signed playback, and `ca.crt` if endpoint and ingest have a private
 * CA.
 */
export function openIvs(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
  { clusterId, clock, rateLimits }: PlatformContext,
): PlatformDriver {
  const ivs = ivsSpecOf(spec);
  const optional = (key: string): SecretText | undefined => {
    const value = credentials.get(key)?.trim() ?? '';
    return value === '' ? undefined : new SecretText(value);
  };
  const certificateAuthority = credentials.get('ca.crt');
  const playbackPrivateKey = optional('playbackPrivateKey');
  const playbackKey = playbackPrivateKey && new PlaybackKey(playbackPrivateKey);
  const api = new IvsApi({
    region: ivs.region,
    endpoint: ivsEndpointOf(ivs),
    credentials: {
      accessKeyId: requiredCredential(spec, credentials, 'accessKeyId'),
      secretAccessKey: requiredCredential(spec, credentials, 'secretAccessKey'),
      sessionToken: optional('sessionToken'),
    },
    certificateAuthority,
    rateLimits,
  });
  return new IvsPlatform(api, {
    clusterId,
    clock,
    channelType: ivs.channelType,
    recordingConfigurationArn: ivs.recordingConfigurationArn,
    playbackKey,
    ingestCa: certificateAuthority,
    capabilities: ivsCapabilities({
      channelType: ivs.channelType,
      recording: ivs.recordingConfigurationArn !== undefined,
      signedPlayback: playbackKey !== undefined,
      limits: spec.limits,
    }),
  });
}

/** Creates the signer. `keys` holds `playbackPrivateKey`, whose public key the driver imports to IVS. */
export function openIvsSigner(
  spec: StreamingPlatformSpec,
  keys: ReadonlyMap<string, string>,
  clock: Pick<PlatformContext['clock'], 'now'>,
): PlaybackSigning {
  const key = new PlaybackKey(requiredCredential(spec, keys, 'playbackPrivateKey'));
  return { signPlayback: (stream, grant) => key.sign(stream, grant, clock.now()) };
}
