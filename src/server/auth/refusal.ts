import { isProblem, ApiProblem } from '../problems.ts';

/**
 * Credentials that are no good: 401 with the challenge of RFC 6750, section 3. `detail` stands in a header, too: ASCII
 * without quotes, and nothing that helps to guess.
 */
export function refusal(detail: string): ApiProblem {
  return new ApiProblem('not-authenticated', detail, {
    headers: {
      'www-authenticate': `Bearer realm="livechannel", error="invalid_token", error_description="${detail}"`,
    },
  });
}

export function isRefusal(error: unknown): error is ApiProblem {
  return isProblem(error) && error.code === 'not-authenticated';
}
