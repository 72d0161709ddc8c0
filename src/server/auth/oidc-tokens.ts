import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload, type RemoteJWKSet } from 'jose';
import type { Clock } from '../../base/clock.ts';
import { boundedResponse } from '../../base/http/read-body.ts';
import { isProblem, ApiProblem } from '../problems.ts';
import { discoverKeys } from './oidc-discovery.ts';
import { refusal } from './refusal.ts';
import { highestOf, type Accepted, type Verify } from './verifier.ts';
import { errorCode } from '../../base/error-text.ts';

/** Only asymmetric algorithms: with HS256, the issuer's public key could be used to sign (RFC 8725, 2.1 and 3.1). */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const CLOCK_TOLERANCE_SECONDS = 30;
/** A key has some 400 bytes, or a few KiB with its certificates. */
const MAX_KEYS_BYTES = 512 * 1024;
const SCOPE_PREFIX = 'livechannel:';

export interface OidcOptions {
  readonly issuer: string;
  readonly audience: string;
  /** URL of the issuer's keys, instead of discovery. */
  readonly jwksUrl?: string | undefined;
  /** Claim that holds a space-separated string (RFC 8693, 4.2) or a list of strings, e.g. `scope` or `permissions`. */
  readonly scopeClaim: string;
  readonly clock: Clock;
  /** Minimum time between two fetches of the keys; an unknown key id triggers a fetch. Default: 30 s. */
  readonly refetchAfterMs?: number | undefined;
}

/** Verifies access tokens of the app's issuer: JWTs, by signature and claims. */
export function oidcTokens(options: OidcOptions): Verify {
  const { issuer, audience, scopeClaim, clock, refetchAfterMs = 30_000 } = options;
  let keys: RemoteJWKSet | undefined;

  async function keySet(signal: AbortSignal): Promise<RemoteJWKSet> {
    const url = options.jwksUrl ?? (keys === undefined ? await discoverKeys(issuer, signal) : undefined);
    if (keys === undefined && url !== undefined)
      keys = createRemoteJWKSet(new URL(url), {
        cooldownDuration: refetchAfterMs,
        timeoutDuration: 4_000,
        [customFetch]: async (address, init) => boundedResponse(await fetch(address, init), MAX_KEYS_BYTES),
      });
    if (keys === undefined) throw new Error('unreachable');
    return keys;
  }

  return async (token, signal): Promise<Accepted> => {
    try {
      const { payload } = await jwtVerify(token, await keySet(signal), {
        issuer,
        audience,
        algorithms,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: clock.now(),
        requiredClaims: ['exp', 'sub'],
      });
      return {
        caller: {
          subject: `oidc:${issuer}#${payload.sub ?? ''}`,
          scope: highestOf(scopesGrantedBy(payload, scopeClaim)),
        },
        expiresAt: new Date(((payload.exp ?? 0) + CLOCK_TOLERANCE_SECONDS) * 1_000),
      };
    } catch (error) {
      throw problemOf(error, issuer);
    }
  };
}

/** Scopes granted by the claim: `livechannel:operate` grants `operate`. Scopes without the prefix are ignored. */
export function scopesGrantedBy(payload: JWTPayload, claim: string): string[] {
  const value = payload[claim];
  const words: readonly unknown[] =
    typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [];
  return words
    .filter((word) => typeof word === 'string')
    .filter((word) => word.startsWith(SCOPE_PREFIX))
    .map((word) => word.slice(SCOPE_PREFIX.length));
}

/** Faults of the token itself, by jose's stable codes. All other errors are faults of the issuer. */
const faults: Readonly<Record<string, string>> = {
  [errors.JWTExpired.code]: 'The token has expired',
  [errors.JWTClaimValidationFailed.code]:
    'The token has another audience or issuer, or is not valid at this time',
  [errors.JOSEAlgNotAllowed.code]: 'The token is signed by an unsupported algorithm',
  [errors.JOSENotSupported.code]: 'The token is signed by an unsupported algorithm',
  [errors.JWKSNoMatchingKey.code]: 'The token is not signed by a key of its issuer',
  [errors.JWKSMultipleMatchingKeys.code]: 'The token does not name the key that signed it',
  [errors.JWSSignatureVerificationFailed.code]: 'The signature of the token is wrong',
  [errors.JWSInvalid.code]: 'The token is not a signed JWT',
  [errors.JWTInvalid.code]: 'The token is not a signed JWT',
};

function problemOf(error: unknown, issuer: string): ApiProblem {
  if (isProblem(error)) return error;
  const fault = faults[errorCode(error) ?? ''];
  if (fault !== undefined) return refusal(fault);
  return new ApiProblem('issuer-unavailable', `The keys of ${issuer} cannot be fetched.`, {
    retryAfterSeconds: 5,
    cause: error,
  });
}
