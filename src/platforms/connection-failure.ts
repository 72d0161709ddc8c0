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

/** Codes of connections that were never made: nothing was sent, so nothing can have happened. */
const unsentCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What is known of a call that brought no answer, from the first code among its error and the causes of it. */
export interface ConnectionFailure {
  /** Of Node or undici, e.g. ECONNRESET; undefined where none of the errors has one. */
  readonly code: string | undefined;
  readonly untrusted: boolean;
  readonly unsent: boolean;
}

export function connectionFailure(error: unknown): ConnectionFailure {
  const code = codeOf(error);
  return {
    code,
    untrusted: code !== undefined && certificateCodes.has(code),
    unsent: code !== undefined && unsentCodes.has(code),
  };
}

/** By shape, because an error may come from another realm. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : codeOf(Reflect.get(error, 'cause'));
}
