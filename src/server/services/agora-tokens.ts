import agoraToken from 'agora-token';
import type { z } from 'zod';
import type { LiveChannel } from '../../api/live-channel.ts';
import { SecretText } from '../../base/secret-text.ts';
import type { agoraTokenRequestSchema, agoraTokenViewSchema } from '../contract/agora.ts';
import { ApiProblem } from '../problems.ts';
import { mountedFiles } from './mounted-files.ts';

const thirtyTwoHexDigits = /^[0-9a-f]{32}$/i;

export interface AgoraApp {
  readonly appId: string;
  readonly appCertificate: SecretText;
}

/** Reads the Agora credentials from the mounted Secret. @throws ApiProblem agora-not-set-up */
export async function readAgoraApp(folder: string | undefined): Promise<AgoraApp> {
  const files = folder === undefined ? undefined : await mountedFiles(folder);
  const read = (key: string): string => {
    const value = files?.get(key)?.trim() ?? '';
    if (thirtyTwoHexDigits.test(value)) return value;
    throw new ApiProblem(
      'agora-not-set-up',
      `The file ${key} in LIVECHANNEL_API_AGORA_DIR ${value === '' ? 'is missing' : 'is not 32 hexadecimal digits'}.`,
    );
  };
  return { appId: read('appId'), appCertificate: new SecretText(read('appCertificate')) };
}

/**
 * Creates an Agora token (version 007). A host may publish, a viewer may only watch.
 * @throws ApiProblem hls-only
 */
export function agoraTokenView(
  channel: LiveChannel,
  { appId, appCertificate }: AgoraApp,
  { role, uid, ttlSeconds }: z.infer<typeof agoraTokenRequestSchema>,
  now: Date,
): z.infer<typeof agoraTokenViewSchema> {
  const { metadata, spec, status } = channel;
  const mode = status?.effectiveStreamMode ?? spec.streamMode;
  if (role === 'viewer' && mode === 'hls-only')
    throw new ApiProblem(
      'hls-only',
      'Viewers of this channel watch on HLS; only the host may have an Agora token.',
    );
  const channelName = spec.agora.channelName ?? metadata.name;
  const { PUBLISHER, SUBSCRIBER } = agoraToken.RtcRole;
  const token = agoraToken.RtcTokenBuilder.buildTokenWithUid(
    appId,
    appCertificate.reveal(),
    channelName,
    uid,
    role === 'host' ? PUBLISHER : SUBSCRIBER,
    ttlSeconds,
    ttlSeconds,
  );
  if (token === '') throw new Error(`No Agora token could be created for channel ${channelName}.`);
  return {
    appId,
    channelName,
    uid,
    token,
    expiresAt: new Date(now.getTime() + ttlSeconds * 1_000).toISOString(),
  };
}
