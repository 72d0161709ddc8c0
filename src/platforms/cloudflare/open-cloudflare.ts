import { Agent } from 'undici';
import type { SecretText } from '../../base/secret-text.ts';
import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import type { PlatformContext } from '../context.ts';
import { requiredCredential } from '../credentials.ts';
import { PlatformError } from '../errors.ts';
import type { PlaybackSigning, Platform } from '../platform.ts';
import { CloudflareApi } from './cloudflare-api.ts';
import { CloudflarePlatform } from './cloudflare-platform.ts';
import { DeliveryHost } from './delivery-host.ts';
import { PlaybackSigner } from './playback-signer.ts';

const PUBLIC_API = 'https://api.cloudflare.com/client/v4';

/**
 * Cloudflare allows 1,200 calls in five minutes: 60 at once and 3 a second are 960 at most, and leave a fifth to the
 * dashboard and to whatever else works with the account.
 */
const callRate = { perSecond: 3, burst: 60 };

/**
 * The driver of Cloudflare Stream: the Secret holds `apiToken`, for signed playback `signingKeyId` and
 * `signingKeyPem`, and `ca.crt` where the API at spec.cloudflare.baseUrl has a private certificate.
 */
export function openCloudflare(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
  context: PlatformContext,
): Platform {
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
    bucket: context.rateLimits.bucket(`cloudflare ${baseUrl} ${accountId}`, callRate),
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

/** `keys` holds `signingKeyId` and `signingKeyPem`. */
export function openCloudflareSigner(
  spec: StreamingPlatformSpec,
  keys: ReadonlyMap<string, string>,
  clock: Pick<PlatformContext['clock'], 'now'>,
): PlaybackSigning {
  const keyId = requiredCredential(spec, keys, 'signingKeyId');
  const signer = new PlaybackSigner(keyId.reveal(), requiredCredential(spec, keys, 'signingKeyPem'));
  return { signPlayback: (stream, grant) => signer.sign(stream, grant, clock.now()) };
}

/** Rejects what cannot be sent as a header: the HTTP client's own error would contain the token. */
function tokenOf(spec: StreamingPlatformSpec, credentials: ReadonlyMap<string, string>): SecretText {
  const token = requiredCredential(spec, credentials, 'apiToken');
  if (/^[\x21-\x7e]+$/.test(token.reveal())) return token;
  throw new PlatformError(
    'CredentialsRejected',
    'The value of "apiToken" in the Secret is not an API token: it contains white space or non-ASCII characters.',
    { retryable: false },
  );
}

/** Undefined where the Secret has nothing of it; half of it is a mistake. */
function signerOf(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
): PlaybackSigner | undefined {
  if (!credentials.has('signingKeyId') && !credentials.has('signingKeyPem')) return undefined;
  const keyId = requiredCredential(spec, credentials, 'signingKeyId');
  return new PlaybackSigner(keyId.reveal(), requiredCredential(spec, credentials, 'signingKeyPem'));
}
