import type { CredentialsFacts, RelaySecretFacts } from '../state.ts';

/** What an Agora token is minted for. */
export interface TokenSubject {
  readonly channelName: string;
  readonly uid: number;
}

/** Identifies credentials and subject in one string. A token for any other string must be replaced. */
export function tokenFor(credentials: CredentialsFacts, subject: TokenSubject): string {
  return `${credentials.digest}/${subject.channelName}/${subject.uid}`;
}

/** When a token is renewed: at half of its lifetime, so that the other half covers delays. */
export function renewalTime(secret: Pick<RelaySecretFacts, 'tokenIssuedAt' | 'tokenExpiresAt'>): Date {
  return new Date((secret.tokenIssuedAt.getTime() + secret.tokenExpiresAt.getTime()) / 2);
}
