import type { SecretText } from '../../base/secret-text.ts';
import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import { requiredCredential } from '../credentials.ts';
import { PlatformError } from '../errors.ts';

/** The fixed addresses and key of a service without an API. */
export interface FixedAddresses {
  /** Ends in "/"; the key is appended to it. */
  readonly ingestUrl: string;
  readonly streamKey: SecretText;
  readonly playbackUrl: string;
}

/**
 * Reads and validates the addresses in the Secret. Throws InvalidConfiguration, whose message does not contain the invalid
 * value, because a key may be part of it.
 */
export function fixedAddresses(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
): FixedAddresses {
  const { namespace, name } = spec.credentialsRef;
  const ingestUrl = requiredCredential(spec, credentials, 'ingestUrl').reveal();
  const streamKey = requiredCredential(spec, credentials, 'streamKey');
  const playbackUrl = requiredCredential(spec, credentials, 'playbackUrl').reveal();
  const problem = ingestProblem(ingestUrl) ?? keyProblem(streamKey.reveal()) ?? playbackProblem(playbackUrl);
  if (problem !== undefined)
    throw new PlatformError('InvalidConfiguration', `Secret ${namespace}/${name}: ${problem}`, {
      retryable: false,
    });
  return { ingestUrl: `${ingestUrl.replace(/\/+$/, '')}/`, streamKey, playbackUrl };
}

function ingestProblem(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !['rtmp:', 'rtmps:'].includes(url.protocol) || url.hostname === '')
    return 'ingestUrl must be an address that begins with rtmps:// (or rtmp://, which is not encrypted), e.g. rtmps://ingest.example.com:443/live/.';
  if (url.pathname.replaceAll('/', '') === '')
    return 'ingestUrl must name the application after the host, e.g. rtmps://ingest.example.com:443/live/.';
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return 'ingestUrl must have no user, query or fragment. A query belongs to streamKey.';
  return undefined;
}

function keyProblem(value: string): string | undefined {
  return /^[\x21-\x7e]+$/.test(value)
    ? undefined
    : 'streamKey must be visible ASCII characters without spaces between them.';
}

function playbackProblem(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    return 'playbackUrl must be an address that begins with https:// or http://.';
  if (!url.pathname.endsWith('.m3u8'))
    return 'playbackUrl must be the address of an HLS playlist, with a path that ends in .m3u8.';
  if (url.username !== '' || url.password !== '')
    return 'playbackUrl must have no user and password, because it is shown to every viewer.';
  return undefined;
}
