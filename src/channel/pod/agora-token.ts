import { fnv1a } from '../../base/fnv1a.ts';
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

/**
 * The relay's uid in the Agora channel. It never changes for a channel's slot, so that a successor replaces its
 * predecessor instead of joining as a second viewer. It is between 4,000,000,000 and 4,199,999,999, a range that apps
 * do not usually assign to their users.
 */
export function relayUid(channelUid: string, slot: number): number {
  return 4_000_000_000 + (fnv1a(`${channelUid}/${slot}`) % 200_000_000);
}
