import agoraToken from 'agora-token';
import { SecretText } from '../../base/secret-text.ts';
import type { TokenSubject } from '../../channel/pod/agora-token.ts';
import type { AgoraCredentials } from './agora-credentials.ts';

export interface MintedToken {
  readonly token: SecretText;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Mints an Agora token (version 007) with which `subject` can join its channel as audience, valid for `seconds`. */
export function mintAgoraToken(
  credentials: AgoraCredentials,
  subject: TokenSubject,
  seconds: number,
  now: Date,
): MintedToken {
  const token = agoraToken.RtcTokenBuilder.buildTokenWithUid(
    credentials.appId,
    credentials.appCertificate.reveal(),
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
