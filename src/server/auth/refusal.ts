import { isProblem, ApiProblem } from '../problems.ts';

/**
 * The problem for rejected credentials: 401 with the challenge of RFC 6750, section 3. `detail` is also sent in a header,
 * so it must be ASCII without quotes, and must not help an attacker to guess.
 */
export function refusal(detail: string): ApiProblem {
  return new ApiProblem('not-authenticated', detail, { headers: invalidToken(detail) });
}

/** The challenge for a token that is rejected. */
export function invalidToken(description: string): Readonly<Record<string, string>> {
  return {
    'www-authenticate': `Bearer realm="livechannel", error="invalid_token", error_description="${description}"`,
  };
}

/** Whether the error means that the credentials are wrong, and not that they could not be verified. */
export function isRefusal(error: unknown): error is ApiProblem {
  return isProblem(error) && error.code === 'not-authenticated';
}
