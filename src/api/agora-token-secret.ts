import { labels } from './names.ts';

/** The key of a Secret with an Agora token that an app minted. */
export const AGORA_TOKEN_KEY = 'token';

/** The Secret in which the service stores the token that an app passed for a channel. The chart's policy has its suffix. */
export const agoraTokenSecretName = (channelName: string): string => `${channelName}-agora-token`;

/** `app.kubernetes.io/managed-by` of what the operator and what the service create. */
export const managers = { operator: 'livechannel-operator', service: 'livechannel-api' } as const;

/** Labels of that Secret. With them, the operator notices a new token at once. */
export function agoraTokenSecretLabels(channelName: string): Record<string, string> {
  return {
    [labels.name]: 'livechannel-api',
    [labels.component]: 'agora-token',
    [labels.managedBy]: managers.service,
    [labels.partOf]: 'livechannel',
    [labels.channel]: channelName,
  };
}
