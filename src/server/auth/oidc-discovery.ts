import { z } from 'zod';
import { errorText } from '../../base/error-text.ts';
import { CodedError } from '../../base/errors.ts';
import { readText } from '../../base/http/read-body.ts';

/** The issuer does not serve a usable discovery document at the moment. */
class DiscoveryFailed extends CodedError {
  override readonly name = 'DiscoveryFailed';
  readonly code = 'OIDC_DISCOVERY_FAILED';
  readonly retryable = true;
}

const documentSchema = z.object({ issuer: z.string(), jwks_uri: z.url() });
const MAX_DOCUMENT_BYTES = 100_000;

/**
 * Finds the URL of the issuer's keys by OpenID Connect Discovery 1.0, section 4. The document must name the same issuer.
 * Keys without TLS are accepted only from an issuer without TLS.
 */
export async function discoverKeys(issuer: string, signal: AbortSignal): Promise<string> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(address, {
    signal,
    redirect: 'error',
    headers: { accept: 'application/json' },
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new DiscoveryFailed(`${address} answered ${response.status}`);
  }
  const text = await readText(response.body, MAX_DOCUMENT_BYTES).catch((cause: unknown) => {
    throw new DiscoveryFailed(`${address} could not be read: ${errorText(cause)}`, { cause });
  });
  const document = documentSchema.parse(JSON.parse(text));
  if (document.issuer !== issuer)
    throw new DiscoveryFailed(`${address} names the issuer ${document.issuer}, not ${issuer}`);
  if (issuer.startsWith('https:') && !document.jwks_uri.startsWith('https:'))
    throw new DiscoveryFailed(`${address} names keys without TLS: ${document.jwks_uri}`);
  return document.jwks_uri;
}
