import { AGORA_TOKEN_EXPIRING_MS } from '../timing.ts';
import { agoraChannelNameSchema } from '../../api/live-channel.ts';
import type { Reason } from '../../api/reasons.ts';
import { found, missing, type Found, type PassedToken } from '../state.ts';
import { parseAccessToken } from './access-token.ts';

/** How a relay would use the token. */
export interface TokenUse {
  /** Undefined where the app ID is not known: then it is not compared. */
  readonly appId: string | undefined;
  readonly channelName: string;
  readonly hostUid: number | undefined;
  /** `spec.relay.replicas` */
  readonly replicas: number;
}

/**
 * Whether a relay can join with a token that the app passes; if not, the reason and what to do. `where` names the token's
 * place, e.g. "The Agora token in Secret shop/show-agora-token". Messages never contain the token.
 */
export function checkPassedToken(text: string, where: string, use: TokenUse, now: Date): Found<PassedToken> {
  const refuse = (problem: string, reason: Reason = 'AgoraTokenRejected'): Found<never> =>
    missing(reason, `${where} ${problem}`);
  if (text.startsWith('006'))
    return refuse(
      'is an AccessToken (006). Mint an AccessToken2 (007) with a current version of agora-token.',
    );
  const token = parseAccessToken(text);
  if (token === undefined)
    return refuse('is not an AccessToken2, which begins with 007. Mint it with agora-token.');
  if (use.appId !== undefined && token.appId.toLowerCase() !== use.appId.toLowerCase())
    return refuse(`is for app ID ${token.appId}, but appId is ${use.appId}. Mint it for that app.`);
  if (token.channel === undefined)
    return refuse('does not permit to join a channel. Mint it with RtcTokenBuilder, as subscriber.');
  if (token.channel.name !== use.channelName)
    return refuse(
      `is for ${namedChannel(token.channel.name)}, but the relay joins channel "${use.channelName}". ` +
        'Mint it for that channel, or change the name of the Agora channel.',
    );
  const uid = uidOf(token.channel.user);
  if (uid === 'account')
    return refuse(
      'is for a user account, but a relay joins with a uid. Mint it for uid 0, which permits every uid.',
    );
  if (uid !== undefined && uid === use.hostUid)
    return refuse(`is for uid ${uid}, which is the host's (spec.agora.hostUid). Mint it for uid 0.`);
  if (uid !== undefined && use.replicas > 1)
    return refuse(
      `is for uid ${uid} alone, but relay and standby (spec.relay.replicas) join with two uids. Mint it for uid 0.`,
    );
  if (now >= token.expiresAt)
    return refuse(`expired at ${token.expiresAt.toISOString()}. Pass a new one.`, 'AgoraTokenExpired');
  const lifetimeMs = token.expiresAt.getTime() - token.issuedAt.getTime();
  const warnMs = Math.min(AGORA_TOKEN_EXPIRING_MS, lifetimeMs / 2);
  const { expiresAt } = token;
  return found({ from: 'app', where, uid, expiresAt, expiringAt: new Date(expiresAt.getTime() - warnMs) });
}

/** Undefined if the token permits every uid. */
function uidOf(user: string): number | undefined | 'account' {
  if (user === '') return undefined;
  const uid = /^[1-9]\d{0,9}$/.test(user) ? Number(user) : Infinity;
  return uid <= 4_294_967_295 ? uid : 'account';
}

/** The name comes from outside: only Agora's alphabet, which has no quotation marks, appears in a message. */
function namedChannel(name: string): string {
  return agoraChannelNameSchema.safeParse(name).success ? `channel "${name}"` : 'another channel';
}
