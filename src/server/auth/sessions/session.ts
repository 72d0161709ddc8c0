import { z } from 'zod';
import { loginScopes, type LoginScope } from '../../contract/sessions.ts';

/** Who logged in, and how. The credential itself is not part of a session. */
export type SessionHolder = { readonly kind: 'api-key'; readonly id: string } | OidcHolder;

/** A user of the issuer, with the scope that it granted at the login. */
export interface OidcHolder {
  readonly kind: 'oidc';
  readonly subject: string;
  readonly scope: LoginScope;
}

export interface Session {
  readonly holder: SessionHolder;
  readonly startedAt: Date;
  readonly expiresAt: Date;
}

/** A session ends when it has not been renewed for this long. */
export const SESSION_IDLE_MS = 8 * 3_600_000;
/**
 * A session ends this long after the login, however often it is renewed. That of an OIDC user is shorter, because the
 * issuer is not asked again: a scope that was withdrawn there works until then. An API key is checked on each call.
 */
const MAX_SESSION_MS: Readonly<Record<SessionHolder['kind'], number>> = {
  'api-key': 24 * 3_600_000,
  oidc: 8 * 3_600_000,
};

export function newSession(holder: SessionHolder, now: Date): Session {
  return renewed({ holder, startedAt: now, expiresAt: now }, now);
}

/** The session with as much time as it may have from now on. */
export function renewed({ holder, startedAt }: Session, now: Date): Session {
  const end = Math.min(now.getTime() + SESSION_IDLE_MS, startedAt.getTime() + MAX_SESSION_MS[holder.kind]);
  return { holder, startedAt, expiresAt: new Date(end) };
}

export function subjectOf(holder: SessionHolder): string {
  return holder.kind === 'api-key' ? `api-key:${holder.id}` : holder.subject;
}

/** What the cookie contains, besides its expiry. */
export const sessionClaims = z.object({
  holder: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('api-key'), id: z.string().regex(/^[0-9A-Za-z]{1,32}$/) }),
    z.object({ kind: z.literal('oidc'), subject: z.string().min(1).max(1_024), scope: z.enum(loginScopes) }),
  ]),
  startedAt: z.iso.datetime().transform((text) => new Date(text)),
});
