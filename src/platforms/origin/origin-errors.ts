import type { z } from 'zod';
import type { originErrorSchema } from '../../api/origin-contract.ts';
import { connectionFailure } from '../connection-failure.ts';
import { PlatformError } from '../errors.ts';

type Problem = z.infer<typeof originErrorSchema>;

/** No answer came: refused, timed out, cut, or not to be trusted. `changes`: the call was one that changes something. */
export function noAnswerError(controlUrl: string, cause: unknown, changes: boolean): PlatformError {
  const { code, untrusted, unsent } = connectionFailure(cause);
  if (untrusted)
    return new PlatformError(
      'PlatformUnavailable',
      `The certificate of the origin at ${controlUrl} could not be verified (${String(code)}); ` +
        'if it is private, put its CA into the credentials under the key "ca.crt".',
      { retryable: false, cause },
    );
  const detail = code ?? (cause instanceof Error ? cause.message : String(cause));
  return new PlatformError(
    'PlatformUnavailable',
    `The origin at ${controlUrl} does not answer (${detail}).`,
    {
      retryable: true,
      outcome: changes && !unsent ? 'unknown' : 'none',
      cause,
    },
  );
}

/** The origin answered 4xx or 5xx. */
export function answerError(
  controlUrl: string,
  status: number,
  problem: Problem | undefined,
  changes: boolean,
): PlatformError {
  const said = problem === undefined ? `status ${status}` : `${problem.code}: ${problem.message}`;
  if (status === 401 || status === 403)
    return new PlatformError(
      'CredentialsRejected',
      `The origin at ${controlUrl} refused the token in the credentials (${said}).`,
      { retryable: false },
    );
  if (problem?.code === 'TooManyStreams')
    return new PlatformError('QuotaExceeded', said, { retryable: true });
  if (problem?.code === 'InvalidRequest')
    return new PlatformError('InvalidConfiguration', said, { retryable: false });
  return new PlatformError(
    'PlatformUnavailable',
    `The origin at ${controlUrl} answered ${said.replace(/\.$/, '')}.`,
    {
      retryable: true,
      // A proxy that gave up waiting, or an origin that failed on the way.
      outcome: changes && status >= 500 ? 'unknown' : 'none',
    },
  );
}

/** Something answered that is not an origin, or one of another version. */
export function notAnOriginError(controlUrl: string, cause: unknown, changes: boolean): PlatformError {
  return new PlatformError(
    'PlatformUnavailable',
    `What answers at ${controlUrl} is not an origin's control service of this version; check spec.origin.controlUrl.`,
    { retryable: true, outcome: changes ? 'unknown' : 'none', cause },
  );
}
