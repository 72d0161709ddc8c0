import type { z } from 'zod';
import { errorMessage } from '../../base/error-text.ts';
import type { originErrorSchema } from '../../api/origin-contract.ts';
import { connectionFailure } from '../connection-failure.ts';
import { PlatformError } from '../errors.ts';

type Problem = z.infer<typeof originErrorSchema>;

/**
 * No answer came: the connection was refused, timed out or was closed, or the certificate could not be verified.
 * `changes`: the call would have changed something, so its outcome is unknown once it was sent.
 */
export function noAnswerError(controlUrl: string, cause: unknown, changes: boolean): PlatformError {
  const { code, untrusted, unsent } = connectionFailure(cause);
  if (untrusted)
    return new PlatformError(
      'PlatformUnavailable',
      `The certificate of the origin at ${controlUrl} could not be verified (${String(code)}). ` +
        'If it is private, add its CA to the Secret under the key "ca.crt".',
      { retryable: false, cause },
    );
  const detail = code ?? errorMessage(cause);
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

/** The origin answered with a status of 400 or above. */
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
      `The origin at ${controlUrl} refused the token in the Secret (${said}). Correct it.`,
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
      // A proxy timed out, or the origin failed while it handled the call.
      outcome: changes && status >= 500 ? 'unknown' : 'none',
    },
  );
}

/** The server at the address is not an origin, or is an origin of another version. */
export function notAnOriginError(controlUrl: string, cause: unknown, changes: boolean): PlatformError {
  return new PlatformError(
    'PlatformUnavailable',
    `The server at ${controlUrl} is not an origin's control service of this version. Check spec.origin.controlUrl.`,
    { retryable: true, outcome: changes ? 'unknown' : 'none', cause },
  );
}
