import { unlessAborted } from '../../base/abort.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Store } from '../../store/store.ts';
import { ApiProblem } from '../problems.ts';
import type { CallContext, Caller } from '../service.ts';
import type { ApiSettings } from '../settings.ts';
import { API_KEY_PREFIX, parseApiKey } from './api-key.ts';
import { apiKeys } from './api-keys.ts';
import { anonymous, type Authenticate } from './authenticate.ts';
import { bearerToken, fingerprint, unverifiedClaims } from './bearer-token.ts';
import { CallerCache } from './caller-cache.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { cookieIn, SESSION_COOKIE } from './sessions/cookies.ts';
import type { Sessions } from './sessions/sessions.ts';
import { kubernetesTokens } from './kubernetes-tokens.ts';
import { oidcTokens } from './oidc-tokens.ts';
import { subjectOf } from './tickets/ticket.ts';
import { isTicket, TicketTokens } from './tickets/ticket-tokens.ts';
import { ticketKeysIn } from './tickets/ticket-keys.ts';
import { isRefusal, refusal } from './refusal.ts';
import type { Accepted, Verify } from './verifier.ts';
import { UserError } from '../../base/errors.ts';

export interface AuthenticateOptions {
  readonly settings: Pick<
    ApiSettings,
    | 'LIVECHANNEL_API_KEYS'
    | 'LIVECHANNEL_API_KUBERNETES_TOKENS'
    | 'LIVECHANNEL_API_KUBERNETES_AUDIENCE'
    | 'LIVECHANNEL_API_OIDC_ISSUER'
    | 'LIVECHANNEL_API_OIDC_AUDIENCE'
    | 'LIVECHANNEL_API_OIDC_JWKS_URL'
    | 'LIVECHANNEL_API_OIDC_SCOPE_CLAIM'
    | 'LIVECHANNEL_API_TICKET_KEYS_DIR'
  >;
  /** Namespace whose LiveChannels are served. A Kubernetes token's RBAC permissions in it determine its scope. */
  readonly namespace: string;
  readonly client: Pick<KubeClient, 'review'>;
  readonly store: Pick<Store, 'apiKey' | 'apiKeyUsed'> | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: cookies are not read. */
  readonly sessions?: Pick<Sessions, 'verify'> | undefined;
  /** Default: of this authentication alone. */
  readonly attempts?: FailedAttempts | undefined;
}

/**
 * Creates the authentication that the settings configure. The kind of a token is determined by its form: `lc_` begins an
 * API key, a JWT with the type of a ticket is one, a JWT whose `iss` is the OIDC issuer is verified with the issuer's keys,
 * and the Kubernetes API server reviews all others.
 *
 * @throws UserError when the settings contradict each other.
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { clock, logger, sessions, attempts = new FailedAttempts(clock) } = options;
  const verify = verifierFor(options);
  const cache = new CallerCache(clock);
  const sessionCache = new CallerCache(clock);
  const tickets = new TicketTokens(
    ticketKeysIn(options.settings.LIVECHANNEL_API_TICKET_KEYS_DIR, clock, logger),
    options.namespace,
    clock,
  );

  /**
   * Tickets are verified each time, because that requires neither the network nor the database. They are not counted as
   * failed attempts: they cannot be guessed, and expired ones of many viewers may come from one address.
   */
  const bearerOf = async (token: string): Promise<Caller> => {
    const ticket = await tickets.verify(token);
    return { subject: subjectOf(ticket), scope: undefined, ticket };
  };

  const find = async (
    token: string,
    { signal }: Pick<CallContext, 'signal'>,
    address: string | undefined,
  ): Promise<Caller> => {
    const verifyLimited = async (limit: AbortSignal, known: boolean): Promise<Accepted> => {
      const check = (): Promise<Accepted> =>
        verify(token, limit).catch((error: unknown) => {
          if (!isRefusal(error)) logger.warn({ err: error }, 'credentials could not be verified');
          throw error;
        });
      // A token that was accepted recently is not a guess, so failed attempts from its address do not matter.
      return known ? check() : attempts.check({ address, identity: identityIn(token) }, check);
    };
    // An abort does not cancel the verification: other requests share it, and its result is cached.
    return unlessAborted(cache.callerOf(fingerprint(token), verifyLimited), signal, gone);
  };

  /** Not counted as a failed attempt either: a cookie cannot be guessed, and old ones are sent again and again. */
  const ofSession = async (token: string, { signal }: Pick<CallContext, 'signal'>): Promise<Caller> => {
    if (sessions === undefined) return anonymous;
    const verified = sessionCache.callerOf(fingerprint(token), () => sessions.verify(token));
    try {
      return await unlessAborted(verified, signal, gone);
    } catch (error) {
      if (isRefusal(error)) return anonymous;
      throw error;
    }
  };

  return ({ authorization, cookie }, call, address) => {
    if (authorization === undefined || authorization === '') {
      const token = cookieIn(cookie, SESSION_COOKIE);
      if (token === undefined) return anonymous;
      return sessionCache.recent(fingerprint(token)) ?? ofSession(token, call);
    }
    const token = bearerToken(authorization);
    const known = cache.recent(fingerprint(token));
    if (known !== undefined) return known;
    return isTicket(token) ? bearerOf(token) : find(token, call, address);
  };
}

/** Whom a token claims to be of, which is not verified. */
function identityIn(token: string): string | undefined {
  if (token.startsWith(API_KEY_PREFIX)) return parseApiKey(token)?.id;
  const { iss, sub } = unverifiedClaims(token) ?? {};
  return typeof sub === 'string' ? `${typeof iss === 'string' ? iss : ''} ${sub}` : undefined;
}

function verifierFor(options: AuthenticateOptions): Verify {
  const { settings, namespace, client, store, clock, logger } = options;
  const {
    LIVECHANNEL_API_OIDC_ISSUER: issuer,
    LIVECHANNEL_API_OIDC_AUDIENCE: audience,
    LIVECHANNEL_API_OIDC_JWKS_URL: jwksUrl,
    LIVECHANNEL_API_OIDC_SCOPE_CLAIM: scopeClaim,
  } = settings;
  if (issuer !== undefined && audience === undefined)
    throw new UserError(
      'LIVECHANNEL_API_OIDC_ISSUER requires LIVECHANNEL_API_OIDC_AUDIENCE: tokens for other audiences must not be accepted',
    );
  const key = settings.LIVECHANNEL_API_KEYS ? apiKeys({ store, clock, logger }) : notAccepted('API keys');
  const kubernetes = settings.LIVECHANNEL_API_KUBERNETES_TOKENS
    ? kubernetesTokens({ client, namespace, audience: settings.LIVECHANNEL_API_KUBERNETES_AUDIENCE })
    : notAccepted('Tokens of this kind');
  const oidc =
    issuer === undefined || audience === undefined
      ? undefined
      : oidcTokens({ issuer, audience, jwksUrl, scopeClaim, clock });
  return (token, signal) => {
    if (token.startsWith(API_KEY_PREFIX)) return key(token, signal);
    if (oidc !== undefined && unverifiedClaims(token)?.iss === issuer) return oidc(token, signal);
    return kubernetes(token, signal);
  };
}

function notAccepted(what: string): Verify {
  return async () => {
    throw refusal(`${what} are not accepted by this service`);
  };
}

function gone(): ApiProblem {
  return new ApiProblem('timeout', 'The request was cancelled before its credentials were checked.');
}
