import type { CredentialsFacts, Found, RelaySecretFacts } from '../state.ts';

/** What an Agora token is minted for. */
export interface TokenSubject {
  readonly channelName: string;
  readonly uid: number;
}

/** Identifies credentials and subject in one string. A token for any other string must be replaced. */
export function tokenFor(credentials: CredentialsFacts, subject: TokenSubject): string {
  return `${credentials.digest}/${subject.channelName}/${subject.uid}`;
}

/**
 * When the operator renews a token that it minted: at half of its lifetime, so that the other half covers delays.
 * Undefined for a token that the app passed, and without a token.
 */
export function renewalTime(
  { tokenIssuedAt, tokenExpiresAt }: Pick<RelaySecretFacts, 'tokenIssuedAt' | 'tokenExpiresAt'>,
  { token }: Pick<CredentialsFacts, 'token'>,
): Date | undefined {
  if (token.from !== 'certificate') return undefined;
  return new Date((tokenIssuedAt.getTime() + (tokenExpiresAt?.getTime() ?? 0)) / 2);
}

/** Whether the Secret has a token for other credentials or another subject, or one that is to be renewed. */
export function isTokenOutdated(
  secret: RelaySecretFacts,
  credentials: CredentialsFacts,
  subject: TokenSubject,
  now: Date,
): boolean {
  const renewal = renewalTime(secret, credentials);
  return secret.tokenFor !== tokenFor(credentials, subject) || (renewal !== undefined && now >= renewal);
}

/**
 * Whether the channel can have one relay at a time, so that the active and the incoming stream, or a relay and its
 * standby, cannot both have one: its token permits one uid alone, and Agora removes the first client from the channel
 * when a second one joins with the same uid.
 */
export function permitsOneUid(credentials: Found<CredentialsFacts>): boolean {
  if (!credentials.ok) return false;
  const { token } = credentials.value;
  return token.from === 'app' && token.uid !== undefined;
}
