import { Agent } from 'undici';
import type { SecretText } from '../../base/secret-text.ts';
import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import type { PlatformContext } from '../context.ts';
import { requiredCredential } from '../credentials.ts';
import { PlatformError } from '../errors.ts';
import type { PlatformDriver } from '../driver.ts';
import type { PlaybackSigning } from '../platform.ts';
import { CloudflareApi } from './cloudflare-api.ts';
import { CloudflarePlatform } from './cloudflare-platform.ts';
import { DeliveryHost } from './delivery-host.ts';
import { PlaybackSigner } from './playback-signer.ts';

const PUBLIC_API = 'https://api.cloudflare.com/client/v4';

/**
 * Cloudflare allows 1,200 calls in five minutes. A burst of 60 and 3 calls per second are at most 960, which leaves a fifth
 * to the dashboard and other clients of the account.
 */
const CALL_RATE = { perSecond: 3, burst: 60 };

/**
 * Creates the driver of Cloudflare Stream. The Secret holds `apiToken`, `signingKeyId` and `signingKeyPem` for signed
 * playback, and `ca.crt` if the API at spec.cloudflare.baseUrl has a private certificate.
 */
export function openCloudflare(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
  context: PlatformContext,
): PlatformDriver {
  const { cloudflare, limits } = spec;
  if (cloudflare === undefined)
    throw new PlatformError(
      'InvalidConfiguration',
      'spec.cloudflare must be set when spec.provider is cloudflare.',
      { retryable: false },
    );
  const { accountId, deleteRecordingsAfterDays } = cloudflare;
  const baseUrl = (cloudflare.baseUrl ?? PUBLIC_API).replace(/\/+$/, '');
  const certificateAuthority = credentials.get('ca.crt');
  const dispatcher = new Agent({
    connections: 16,
    connect: {
      timeout: 5_000,
      ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
    },
  });
  const api = new CloudflareApi({
    accountId,
    baseUrl,
    token: tokenOf(spec, credentials),
    bucket: context.rateLimits.bucket(`cloudflare ${baseUrl} ${accountId}`, CALL_RATE),
    dispatcher,
    timeoutMs: 20_000,
  });
  return new CloudflarePlatform({
    api,
    delivery: new DeliveryHost({ dispatcher, timeoutMs: 5_000 }),
    signer: signerOf(spec, credentials),
    context,
    limits,
    recordingDays: deleteRecordingsAfterDays,
    ingestCa: certificateAuthority,
  });
}

/** Creates the signer. `keys` holds `signingKeyId` and `signingKeyPem`. */
export function openCloudflareSigner(
  spec: StreamingPlatformSpec,
  keys: ReadonlyMap<string, string>,
  clock: Pick<PlatformContext['clock'], 'now'>,
): PlaybackSigning {
  const keyId = requiredCredential(spec, keys, 'signingKeyId');
  const signer = new PlaybackSigner(keyId.reveal(), requiredCredential(spec, keys, 'signingKeyPem'));
  return { signPlayback: (stream, grant) => signer.sign(stream, grant, clock.now()) };
}

/** Rejects a token that cannot be sent in a header, because the HTTP client's error would contain it. */
function tokenOf(spec: StreamingPlatformSpec, credentials: ReadonlyMap<string, string>): SecretText {
  const token = requiredCredential(spec, credentials, 'apiToken');
  if (/^[\x21-\x7e]+$/.test(token.reveal())) return token;
  throw new PlatformError(
    'CredentialsRejected',
    'The value of "apiToken" in the Secret is not an API token. It contains white space or non-ASCII characters.',
    { retryable: false },
  );
}

/** Undefined if the Secret has no signing key. Throws CredentialsNotFound if it has only one of the two values. */
function signerOf(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
): PlaybackSigner | undefined {
  if (!credentials.has('signingKeyId') && !credentials.has('signingKeyPem')) return undefined;
  const keyId = requiredCredential(spec, credentials, 'signingKeyId');
  return new PlaybackSigner(keyId.reveal(), requiredCredential(spec, credentials, 'signingKeyPem'));
}
