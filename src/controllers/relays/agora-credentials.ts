import { AGORA_TOKEN_KEY } from '../../api/agora-token-secret.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { sha256Hex } from '../../base/digest.ts';
import { SecretText } from '../../base/secret-text.ts';
import { checkPassedToken } from '../../channel/agora/passed-token.ts';
import { agoraChannelName } from '../../channel/desired/agora-channel.ts';
import { found, missing, type CredentialsFacts, type Found } from '../../channel/state.ts';
import { AGORA_TOKEN_GRACE_MS } from '../../channel/timing.ts';
import type { SecretReader, UserSecret } from '../../cluster/secret-reader.ts';

/** The Agora credentials of a channel. */
export interface AgoraCredentials extends CredentialsFacts {
  /** What `token.from` names: the App Certificate, or the token that the app passed; undefined for `none`. */
  readonly secret: SecretText | undefined;
}

/** The form of app ID and certificate in the Agora console. */
const HEX_32_PATTERN = /^[0-9a-f]{32}$/i;

/**
 * Reads the Secrets that spec.agora names. A missing or malformed Secret is returned as a problem. The token comes from,
 * in this order: the Secret of `tokenRef`; key `token` or `appCertificate` of the Secret of `credentialsRef`, which may
 * have one of both; otherwise there is none.
 */
export async function readAgoraCredentials(
  channel: LiveChannel,
  secrets: Pick<SecretReader, 'read'>,
  now: Date,
  signal: AbortSignal,
): Promise<Found<AgoraCredentials>> {
  const namespace = channel.metadata.namespace ?? '';
  const { credentialsRef, tokenRef } = channel.spec.agora;
  const secret = await secrets.read({ namespace, name: credentialsRef.name }, signal);
  const what = `Secret ${namespace}/${credentialsRef.name} (spec.agora.credentialsRef)`;
  if (secret === undefined)
    return missing(
      'CredentialsNotFound',
      `${what} does not exist. Create it with the key appId and, if the Agora project has one, appCertificate.`,
    );
  const appId = digitsIn(secret, 'appId', what);
  if (!appId.ok) return appId;
  if (appId.value === undefined) return missing('CredentialsNotFound', `${what} has no key appId. Add it.`);
  if (tokenRef !== undefined) {
    const holder = await secrets.read({ namespace, name: tokenRef.name }, signal);
    const where = `Secret ${namespace}/${tokenRef.name} (spec.agora.tokenRef)`;
    if (holder === undefined) return withoutTokenSecret(channel, where, now);
    return withPassedToken(channel, appId.value, holder, where, now);
  }
  if (!secret.values.has(AGORA_TOKEN_KEY)) return withoutPassedToken(secret, appId.value, what);
  return secret.values.has('appCertificate')
    ? missing(
        'CredentialsRejected',
        `${what} has both appCertificate and token. Remove the one that is not used.`,
      )
    : withPassedToken(channel, appId.value, secret, what, now);
}

/** A key with 32 hexadecimal digits; undefined where there is no such key. */
function digitsIn({ values }: UserSecret, key: string, what: string): Found<string | undefined> {
  const value = values.get(key)?.trim();
  if (value === undefined) return found(undefined);
  if (value === '')
    return missing('CredentialsNotFound', `Key ${key} of ${what} is empty. Set or remove it.`);
  return HEX_32_PATTERN.test(value)
    ? found(value)
    : missing(
        'CredentialsRejected',
        `Key ${key} of ${what} is not 32 hexadecimal digits. Copy it from the Agora console.`,
      );
}

/** Tokens are minted with the certificate; without one, the relay joins without a token. */
function withoutPassedToken(secret: UserSecret, appId: string, what: string): Found<AgoraCredentials> {
  const certificate = digitsIn(secret, 'appCertificate', what);
  if (!certificate.ok) return certificate;
  const digest = sha256Hex(`${appId}/${certificate.value ?? ''}`, 16);
  return certificate.value === undefined
    ? found({ appId, digest, token: { from: 'none' }, secret: undefined })
    : found({ appId, digest, token: { from: 'certificate' }, secret: new SecretText(certificate.value) });
}

function withPassedToken(
  channel: LiveChannel,
  appId: string,
  { values }: UserSecret,
  what: string,
  now: Date,
): Found<AgoraCredentials> {
  const text = values.get(AGORA_TOKEN_KEY)?.trim();
  if (text === undefined) return missing('CredentialsNotFound', `${what} has no key token. Add it.`);
  if (text === '') return missing('CredentialsNotFound', `Key token of ${what} is empty. Set it.`);
  const { agora, relay } = channel.spec;
  const channelName = agoraChannelName(channel);
  const use = { appId, channelName, hostUid: agora.hostUid, replicas: relay.replicas };
  const token = checkPassedToken(text, `The Agora token in ${what}`, use, now);
  if (!token.ok) return token;
  const digest = sha256Hex(`${appId}/${text}`, 16);
  return found({ appId, digest, token: token.value, secret: new SecretText(text) });
}

/** The owner of a new channel may be about to create the Secret: that is not reported as a problem yet. */
function withoutTokenSecret({ metadata }: LiveChannel, what: string, now: Date): Found<never> {
  const created = Date.parse(metadata.creationTimestamp ?? '');
  if (now.getTime() - created < AGORA_TOKEN_GRACE_MS)
    return missing('RelayStarting', `Waiting for ${what}, which does not exist yet.`);
  return missing('CredentialsNotFound', `${what} does not exist. Create it with the key token.`);
}
