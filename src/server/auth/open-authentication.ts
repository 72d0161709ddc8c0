import { readFile } from 'node:fs/promises';
import { UserError } from '../../base/errors.ts';
import { SecretText } from '../../base/secret-text.ts';
import type { AuditEntry } from '../../store/store.ts';
import type { ApiSettings } from '../settings.ts';
import { holdersOfApiKeys } from './api-keys.ts';
import type { Authenticate } from './authenticate.ts';
import { createAuthenticate, type AuthenticateOptions } from './authenticators.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { oidcTokens } from './oidc-tokens.ts';
import { Login } from './sessions/login.ts';
import { OidcLogin } from './sessions/oidc-login.ts';
import { SealedTokens } from './sessions/sealed-tokens.ts';
import { SessionKeys } from './sessions/session-keys.ts';
import { Sessions } from './sessions/sessions.ts';

export interface OpenAuthenticationOptions extends Omit<AuthenticateOptions, 'sessions' | 'attempts'> {
  readonly settings: AuthenticateOptions['settings'] &
    Pick<
      ApiSettings,
      | 'LIVECHANNEL_API_SESSION_KEYS_FILE'
      | 'LIVECHANNEL_API_OIDC_CLIENT_ID'
      | 'LIVECHANNEL_API_OIDC_CLIENT_SECRET_FILE'
      | 'LIVECHANNEL_API_OIDC_REDIRECT_URL'
      | 'LIVECHANNEL_API_OIDC_LOGIN_SCOPES'
    >;
  readonly audit: { add(entry: AuditEntry): void };
}

/**
 * Authentication as the settings configure it, and the login of browsers, which shares its limit of failed attempts.
 *
 * @throws UserError when the settings contradict each other.
 */
export function openAuthentication(options: OpenAuthenticationOptions): {
  readonly authenticate: Authenticate;
  /** undefined: LIVECHANNEL_API_SESSION_KEYS_FILE is not set. */
  readonly login: Login | undefined;
} {
  const { settings, namespace, clock, logger, store, audit } = options;
  const oidc = oidcLogin(options);
  const keysFile = settings.LIVECHANNEL_API_SESSION_KEYS_FILE;
  if (keysFile === undefined) return { authenticate: createAuthenticate(options), login: undefined };
  const tokens = new SealedTokens(new SessionKeys(keysFile, clock, logger), namespace, clock);
  const keyHolder = settings.LIVECHANNEL_API_KEYS ? holdersOfApiKeys({ store, clock, logger }) : undefined;
  const sessions = new Sessions({ tokens, clock, keyHolder });
  const attempts = new FailedAttempts(clock);
  const authenticate = createAuthenticate({ ...options, sessions, attempts });
  const login = new Login({
    ...{ sessions, tokens, oidc, authenticate, attempts, audit, namespace, clock },
  });
  return { authenticate, login };
}

function oidcLogin({ settings, clock, logger }: OpenAuthenticationOptions): OidcLogin | undefined {
  const {
    LIVECHANNEL_API_OIDC_CLIENT_ID: clientId,
    LIVECHANNEL_API_OIDC_CLIENT_SECRET_FILE: secretFile,
    LIVECHANNEL_API_OIDC_REDIRECT_URL: redirectUrl,
    LIVECHANNEL_API_OIDC_ISSUER: issuer,
    LIVECHANNEL_API_OIDC_AUDIENCE: audience,
    LIVECHANNEL_API_OIDC_JWKS_URL: jwksUrl,
    LIVECHANNEL_API_OIDC_SCOPE_CLAIM: scopeClaim,
    LIVECHANNEL_API_OIDC_LOGIN_SCOPES: requestScopes,
    LIVECHANNEL_API_SESSION_KEYS_FILE: keysFile,
  } = settings;
  if (clientId === undefined) return undefined;
  if (issuer === undefined || audience === undefined || redirectUrl === undefined || keysFile === undefined)
    throw new UserError(
      'LIVECHANNEL_API_OIDC_CLIENT_ID requires LIVECHANNEL_API_OIDC_ISSUER, LIVECHANNEL_API_OIDC_AUDIENCE, LIVECHANNEL_API_OIDC_REDIRECT_URL and LIVECHANNEL_API_SESSION_KEYS_FILE',
    );
  return new OidcLogin({
    ...{ issuer, clientId, redirectUrl, requestScopes, scopeClaim, clock, logger },
    clientSecret: async () =>
      secretFile === undefined ? undefined : new SecretText((await readFile(secretFile, 'utf8')).trim()),
    verifyAccessToken: oidcTokens({ issuer, audience, jwksUrl, scopeClaim, clock }),
  });
}
