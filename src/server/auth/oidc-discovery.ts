import { z } from 'zod';

const documentSchema = z.object({ issuer: z.string(), jwks_uri: z.url() });
const MAX_DOCUMENT_CHARACTERS = 100_000;

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
  const text = await response.text();
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  if (text.length > MAX_DOCUMENT_CHARACTERS) throw new Error(`${address} answered ${text.length} characters`);
  const document = documentSchema.parse(JSON.parse(text));
  if (document.issuer !== issuer)
    throw new Error(`${address} names the issuer ${document.issuer}, not ${issuer}`);
  if (issuer.startsWith('https:') && !document.jwks_uri.startsWith('https:'))
    throw new Error(`${address} names keys without TLS: ${document.jwks_uri}`);
  return document.jwks_uri;
}
