import type { LiveChannel } from '../../api/live-channel.ts';
import { SecretText } from '../../base/secret-text.ts';
import { found, missing, type CredentialsFacts, type Found } from '../../channel/state.ts';
import type { SecretReader } from '../../cluster/secret-reader.ts';
import { sha256Hex } from '../../base/digest.ts';

/** The Agora credentials, with which tokens are minted. */
export interface AgoraCredentials extends CredentialsFacts {
  readonly appCertificate: SecretText;
}

/** The form of both values in the Agora console. */
const HEX_32_PATTERN = /^[0-9a-f]{32}$/i;

/** Reads the Secret that spec.agora.credentialsRef names. A missing or malformed Secret is returned as a problem. */
export async function readAgoraCredentials(
  channel: LiveChannel,
  secrets: SecretReader,
  signal: AbortSignal,
): Promise<Found<AgoraCredentials>> {
  const namespace = channel.metadata.namespace ?? '';
  const { name } = channel.spec.agora.credentialsRef;
  const what = `Secret ${namespace}/${name} (spec.agora.credentialsRef)`;
  const secret = await secrets.read({ namespace, name }, signal);
  if (secret === undefined)
    return missing(
      'CredentialsNotFound',
      `${what} does not exist. Create it with the keys appId and appCertificate.`,
    );
  const appId = secret.values.get('appId')?.trim() ?? '';
  const appCertificate = secret.values.get('appCertificate')?.trim() ?? '';
  for (const [key, value] of [
    ['appId', appId],
    ['appCertificate', appCertificate],
  ] as const) {
    if (value === '') return missing('CredentialsNotFound', `${what} has no key ${key}. Add it.`);
    if (!HEX_32_PATTERN.test(value))
      return missing(
        'CredentialsRejected',
        `Key ${key} of ${what} is not 32 hexadecimal digits. Copy it from the Agora console.`,
      );
  }
  const digest = sha256Hex(`${appId}/${appCertificate}`, 16);
  return found({ appId, appCertificate: new SecretText(appCertificate), digest });
}
