import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type Configuration,
} from 'openid-client';
import type { Clock } from '../../../base/clock.ts';
import { errorCode, errorSummary } from '../../../base/error-text.ts';
import type { Logger } from '../../../base/logger.ts';
import type { SecretText } from '../../../base/secret-text.ts';
import { ApiProblem, isProblem } from '../../problems.ts';
import { loginScopes, type LoginScope } from '../../contract/sessions.ts';
import type { Caller, Scope } from '../../service.ts';
import { scopesGrantedBy } from '../oidc-tokens.ts';
import { isRefusal, refusal } from '../refusal.ts';
import { highestOf, type Verify } from '../verifier.ts';
import type { OidcHolder } from './session.ts';

/** How long the issuer's metadata is used before it is fetched again, and a changed client secret goes unnoticed. */
const CONFIGURATION_MS = 300_000;
const TIMEOUT_SECONDS = 5;

export interface OidcLoginOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** Reads the client's secret. undefined: a public client, which PKCE alone protects. */
  readonly clientSecret: () => Promise<SecretText | undefined>;
  /** The address of the callback, as the issuer knows it. */
  readonly redirectUrl: string;
  /** Scopes that are requested, separated by spaces. */
  readonly requestScopes: string;
  /** Claim of ID tokens and access tokens with the scopes of the service. */
  readonly scopeClaim: string;
  /** Verifies an access token as if it came from an app. */
  readonly verifyAccessToken: Verify;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger: Logger;
}

/** What the browser keeps, encrypted, until the issuer sends it back. */
export interface PendingLogin {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/**
 * Login at the OIDC issuer: authorization code flow with PKCE (RFC 7636) and a nonce, as RFC 9700 recommends. The tokens are
 * used once, for the subject and its scope, and are not kept.
 */
export class OidcLogin {
  readonly #options: OidcLoginOptions;
  #known: { readonly configuration: Configuration; readonly until: number } | undefined;

  constructor(options: OidcLoginOptions) {
    this.#options = options;
  }

  /** The issuer's page to send the browser to. @throws ApiProblem issuer-unavailable */
  async begin(): Promise<{ readonly address: URL; readonly pending: PendingLogin }> {
    const { redirectUrl, requestScopes } = this.#options;
    const configuration = await this.#configuration();
    const pending = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
    const address = buildAuthorizationUrl(configuration, {
      response_type: 'code',
      redirect_uri: redirectUrl,
      scope: requestScopes,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256',
    });
    return { address, pending };
  }

  /**
   * Exchanges the code in the query of the callback. The scope is the highest that the ID token or the access token grants.
   *
   * @throws ApiProblem not-authenticated (the login failed, or the answer is not that to `pending`), not-allowed (the user has
   *   no scope that may log in), issuer-unavailable
   */
  async finish(
    query: string,
    { state, nonce, verifier }: PendingLogin,
    signal: AbortSignal,
  ): Promise<OidcHolder> {
    const { issuer, redirectUrl, scopeClaim, verifyAccessToken } = this.#options;
    const configuration = await this.#configuration();
    const address = new URL(redirectUrl);
    address.search = query;
    try {
      const tokens = await authorizationCodeGrant(configuration, address, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw refusal('The issuer returned no ID token');
      const subject = `oidc:${issuer}#${claims.sub}`;
      const ofAccessToken = await scopeOf(verifyAccessToken, tokens.access_token, subject, signal);
      const scope = highestOf([
        ...scopesGrantedBy(claims, scopeClaim),
        ...(ofAccessToken === undefined ? [] : [ofAccessToken]),
      ]);
      return { kind: 'oidc', subject, scope: scopeForLogin({ subject, scope }) };
    } catch (error) {
      throw this.#problemOf(error);
    }
  }

  async #configuration(): Promise<Configuration> {
    const { issuer, clientId, clientSecret, clock } = this.#options;
    if (this.#known !== undefined && clock.monotonic() < this.#known.until) return this.#known.configuration;
    try {
      const secret = await clientSecret();
      const configuration = await discovery(new URL(issuer), clientId, secret?.reveal(), undefined, {
        timeout: TIMEOUT_SECONDS,
        execute: [
          // The signature of the ID token is verified as well, not only the connection that it came by.
          enableNonRepudiationChecks,
          // Deprecated only to make it stand out. An issuer without TLS is one that the settings name as such.
          // eslint-disable-next-line @typescript-eslint/no-deprecated
          ...(issuer.startsWith('http:') ? [allowInsecureRequests] : []),
        ],
      });
      this.#known = { configuration, until: clock.monotonic() + CONFIGURATION_MS };
      return configuration;
    } catch (error) {
      throw unavailable(error, issuer);
    }
  }

  #problemOf(error: unknown): ApiProblem {
    if (isProblem(error)) return error;
    const { issuer, logger } = this.#options;
    const code = errorCode(error);
    if (code === undefined || !code.startsWith('OAUTH_') || unreachable.has(code))
      return unavailable(error, issuer);
    // The user declined, the issuer refused the code or the client, or the answer is not that to this login. Only the
    // summary is logged: the error itself has the answer of the issuer, and tokens with it.
    logger.warn({ reason: errorSummary(error), code, issuer }, 'a login at the OIDC issuer failed');
    return refusal('The login at the issuer failed');
  }
}

/**
 * The scope of a caller that logs in. @throws ApiProblem not-allowed: pages of operation need `operate` at least; a viewer's
 * page needs no session.
 */
export function scopeForLogin({ subject, scope }: Pick<Caller, 'subject' | 'scope'>): LoginScope {
  const allowed = loginScopes.find((each) => each === scope);
  if (allowed !== undefined) return allowed;
  throw new ApiProblem(
    'not-allowed',
    `Login requires scope "operate"; ${subject} has ${scope === undefined ? 'no scope' : `scope "${scope}"`}.`,
    { extensions: { scope: 'operate' } },
  );
}

/** undefined: the access token is for another audience, or none of this service, which many issuers' are. */
async function scopeOf(
  verify: Verify,
  accessToken: string,
  subject: string,
  signal: AbortSignal,
): Promise<Scope | undefined> {
  try {
    const { caller } = await verify(accessToken, signal);
    return caller.subject === subject ? caller.scope : undefined;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** openid-client's codes for an issuer that does not answer as one. Its other codes are faults of this login. */
const unreachable: ReadonlySet<string> = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
]);

function unavailable(cause: unknown, issuer: string): ApiProblem {
  return new ApiProblem('issuer-unavailable', `The OIDC issuer ${issuer} does not answer as expected.`, {
    retryAfterSeconds: 5,
    cause: new Error(errorSummary(cause)),
  });
}
