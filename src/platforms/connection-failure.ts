/** Node's codes for a certificate that could not be verified. A retry does not help. */
const certificateCodes = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Codes of connections that were not established: nothing was sent, so the call had no effect. */
const unsentCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Why a call got no answer, derived from the first code found in the error and its causes. */
export interface ConnectionFailure {
  /** Code of Node or undici, e.g. ECONNRESET; undefined if none of the errors has one. */
  readonly code: string | undefined;
  /** The server's certificate could not be verified. */
  readonly untrusted: boolean;
  /** No connection was established, so the call had no effect. */
  readonly unsent: boolean;
}

/** Classifies the error of a call that got no answer. */
export function connectionFailure(error: unknown): ConnectionFailure {
  const code = codeOf(error);
  return {
    code,
    untrusted: code !== undefined && certificateCodes.has(code),
    unsent: code !== undefined && unsentCodes.has(code),
  };
}

/** Checks the shape and not the class, because the error may come from another realm. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : codeOf(Reflect.get(error, 'cause'));
}
