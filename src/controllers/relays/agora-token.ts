import agoraToken from 'agora-token';
import { SecretText } from '../../base/secret-text.ts';
import type { TokenSubject } from '../../channel/pod/agora-token.ts';
import type { AgoraCredentials } from './agora-credentials.ts';

/** What a relay joins Agora with. */
export interface RelayToken {
  /** Undefined if the relay joins without a token. */
  readonly token: SecretText | undefined;
  /** When the token was minted or taken from the app's Secret. */
  readonly issuedAt: Date;
  readonly expiresAt: Date | undefined;
}

/**
 * The token with which `subject` can join its channel: the one that the app passed, or one that is minted as audience
 * (version 007) and valid for `seconds`.
 */
export function relayToken(
  { appId, token, secret }: AgoraCredentials,
  subject: TokenSubject,
  seconds: number,
  now: Date,
): RelayToken {
  if (token.from === 'none' || secret === undefined)
    return { token: undefined, issuedAt: now, expiresAt: undefined };
  if (token.from === 'app') return { token: secret, issuedAt: now, expiresAt: token.expiresAt };
  return mint({ appId, certificate: secret }, subject, seconds, now);
}

function mint(
  app: { readonly appId: string; readonly certificate: SecretText },
  subject: TokenSubject,
  seconds: number,
  now: Date,
): RelayToken {
  const token = agoraToken.RtcTokenBuilder.buildTokenWithUid(
    app.appId,
    app.certificate.reveal(),
    subject.channelName,
    subject.uid,
    agoraToken.RtcRole.SUBSCRIBER,
    seconds,
    seconds,
  );
  if (token === '') throw new Error(`No Agora token could be minted for channel ${subject.channelName}`);
  return {
    token: new SecretText(token),
    issuedAt: now,
    expiresAt: new Date(now.getTime() + seconds * 1_000),
  };
}
