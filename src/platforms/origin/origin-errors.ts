import type { z } from 'zod';
import type { originErrorSchema } from '../../api/origin-contract.ts';
import { PlatformError } from '../errors.ts';

type Problem = z.infer<typeof originErrorSchema>;

/** Codes of connections that were never made: nothing can have happened. */
const unsentCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Node's codes for a certificate that could not be verified: waiting does not mend it. */
const certificateCodes = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** No answer came: refused, timed out, cut, or not to be trusted. `changes`: the call was one that changes something. */
export function noAnswerError(controlUrl: string, cause: unknown, changes: boolean): PlatformError {
  const code = codeOf(cause);
  if (code !== undefined && certificateCodes.has(code))
    return new PlatformError(
      'PlatformUnavailable',
      `The certificate of the origin at ${controlUrl} could not be verified (${code}); ` +
        'if it is private, put its CA into the credentials under the key "ca.crt".',
      { retryable: false, cause },
    );
  const detail = code ?? (cause instanceof Error ? cause.message : String(cause));
  return new PlatformError(
    'PlatformUnavailable',
    `The origin at ${controlUrl} does not answer (${detail}).`,
    {
      retryable: true,
      outcome: changes && !(code !== undefined && unsentCodes.has(code)) ? 'unknown' : 'none',
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

/** The first code among the error and its causes. By shape, because an error may come from another realm. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : codeOf(Reflect.get(error, 'cause'));
}
