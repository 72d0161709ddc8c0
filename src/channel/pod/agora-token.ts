import { fnv1a } from '../../base/fnv1a.ts';
import type { CredentialsFacts, RelaySecretFacts } from '../state.ts';

/** What an Agora token is minted for. */
export interface TokenSubject {
  readonly channelName: string;
  readonly uid: number;
}

/** Names credentials and subject in one string: a token minted for another one must be replaced. */
export function tokenFor(credentials: CredentialsFacts, subject: TokenSubject): string {
  return `${credentials.digest}/${subject.channelName}/${String(subject.uid)}`;
}

/** A token is renewed at half its life: the other half is there for everything that can be late. */
export function renewalTime(secret: Pick<RelaySecretFacts, 'tokenIssuedAt' | 'tokenExpiresAt'>): Date {
  return new Date((secret.tokenIssuedAt.getTime() + secret.tokenExpiresAt.getTime()) / 2);
}

/**
 * The relay's uid in the Agora channel. It never changes for a channel's slot, so that a successor takes the place of
 * its predecessor instead of being a second viewer. Between 4.0 and 4.2 thousand million, where apps do not
 * usually number their users.
 */
export function relayUid(channelUid: string, slot: number): number {
  return 4_000_000_000 + (fnv1a(`${channelUid}/${slot}`) % 200_000_000);
}
