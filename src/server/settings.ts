import { z } from 'zod';
import { commaList, optionalText } from '../base/environment.ts';
import { accessPointsSchema } from '../api/live-channel.ts';
import { namespaceNameSchema, objectNameSchema } from '../api/metadata.ts';
import { SecretText } from '../base/secret-text.ts';
import { streamModeSchema } from '../api/values.ts';

const whole = (least: number, most: number): z.ZodCoercedNumber =>
  z.coerce.number().int().min(least).max(most);
const optional = <S extends z.ZodType<unknown, string>>(
  schema: S,
): z.ZodPipe<typeof optionalText, z.ZodOptional<S>> => optionalText.pipe(schema.optional());

const accessPoints = z.string().transform((json, context) => {
  try {
    return accessPointsSchema.parse(JSON.parse(json));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : 'it is no JSON';
    context.addIssue({ code: 'custom', message: `not spec.agora.accessPoints as JSON: ${why}` });
    return z.NEVER;
  }
});

/** The settings of `livechannel api`, from the environment. docs/reference/settings.md is generated from it. */
export const apiSettingsSchema = z.object({
  // What is served.
  LIVECHANNEL_API_NAMESPACE: optional(namespaceNameSchema).describe(
    "The namespace whose LiveChannels are served. Default: the service's own.",
  ),
  LIVECHANNEL_API_AGORA_SECRET: objectNameSchema
    .default('agora')
    .describe('Name of the Secret in that namespace that new channels have as spec.agora.credentialsRef.'),
  LIVECHANNEL_API_DEFAULT_STREAM_MODE: streamModeSchema
    .default('hybrid')
    .describe('streamMode of new channels whose request has none.'),
  LIVECHANNEL_API_DEFAULT_PLATFORM: optional(objectNameSchema).describe(
    'StreamingPlatform of new channels whose request has none. Default: the one marked as the default.',
  ),
  LIVECHANNEL_API_AGORA_ACCESS_POINTS: optional(accessPoints).describe(
    'spec.agora.accessPoints of new channels, as JSON; for private Agora deployments and tests.',
  ),
  LIVECHANNEL_API_START_TIMEOUT_SECONDS: whole(0, 60)
    .default(15)
    .describe("So long a start waits for the stream's address before it answers 503 stream-not-ready."),
  LIVECHANNEL_API_PLAYBACK_TOKEN_SECONDS: whole(60, 86_400)
    .default(3_600)
    .describe('Life of signed playback addresses.'),
  LIVECHANNEL_API_STALE_SECONDS: whole(5, 3_600)
    .default(60)
    .describe(
      'Without the API server for so long, the service says that what it serves is old (metric, log). It serves it all the same.',
    ),
  // What is mounted.
  LIVECHANNEL_API_AGORA_DIR: optionalText.describe(
    'Folder with the files appId and appCertificate: LIVECHANNEL_API_AGORA_SECRET, mounted. Without it no Agora tokens are given.',
  ),
  LIVECHANNEL_API_PLAYBACK_KEYS_DIR: optionalText.describe(
    "Folder with a folder for each StreamingPlatform, named as it is: files named as the keys of the platform's Secret that signing takes. Without it no addresses are signed.",
  ),
  DATABASE_URL: optionalText
    .transform((url) => (url === undefined ? undefined : new SecretText(url)))
    .describe(
      'PostgreSQL, as postgres://user:password@host:port/database. Without one there are no charts, costs, alerts, viewer counts and API keys.',
    ),
  DATABASE_URL_FILE: optionalText.describe('File with that URL, instead of DATABASE_URL.'),
  LIVECHANNEL_PRICES_FILE: optionalText.describe(
    'Price book to use instead of the built-in one (docs/channels/costs.md); read again when it changes.',
  ),
  // HTTP.
  LIVECHANNEL_HTTP_HOST: z.string().default('0.0.0.0').describe('Address of the API, health and metrics.'),
  LIVECHANNEL_API_PORT: whole(0, 65_535).default(8080).describe('Port of the API.'),
  LIVECHANNEL_HTTP_PORT: whole(0, 65_535)
    .default(8081)
    .describe('Port of health and metrics, which are not for those outside.'),
  LIVECHANNEL_API_CORS_ORIGINS: commaList
    .prefault('')
    .describe(
      'Comma-separated origins whose pages may call the API, e.g. https://shop.example. Default: none.',
    ),
  LIVECHANNEL_API_TRUSTED_PROXIES: commaList
    .prefault('')
    .describe('Comma-separated addresses and CIDRs of proxies whose X-Forwarded-For is believed.'),
  LIVECHANNEL_API_RATE_LIMIT: whole(0, 10_000_000)
    .default(60_000)
    .describe(
      "Requests a minute of one caller to one replica; 0 = any. The app's back end is one caller, for all its viewers.",
    ),
  LIVECHANNEL_API_RATE_LIMIT_ANONYMOUS: whole(1, 10_000_000)
    .default(600)
    .describe(
      'Requests a minute of one address without credentials to one replica, where public playback is on.',
    ),
  LIVECHANNEL_API_BODY_LIMIT_BYTES: whole(1_024, 10_485_760).default(65_536).describe('Largest body.'),
  LIVECHANNEL_API_REQUEST_TIMEOUT_SECONDS: whole(1, 300)
    .default(30)
    .describe('A request that is not answered by then is answered 504. Events are not meant.'),
  LIVECHANNEL_API_SHUTDOWN_DELAY_SECONDS: whole(0, 600)
    .default(5)
    .describe(
      'When asked to stop: so long it is not ready, but answers as ever, until nothing sends it requests any more.',
    ),
  LIVECHANNEL_API_DRAIN_SECONDS: whole(0, 3_600)
    .default(20)
    .describe('After that: so long for what is under way, while nothing new is taken.'),
  LIVECHANNEL_API_MAX_SUBSCRIBERS: whole(1, 1_000_000)
    .default(10_000)
    .describe('Event streams of one replica at once; more are answered 503.'),
  // Who may.
  LIVECHANNEL_API_PUBLIC_PLAYBACK: z
    .stringbool()
    .default(false)
    .describe('true: anybody may ask for the playback address and the relay status of a channel.'),
  LIVECHANNEL_API_KUBERNETES_TOKENS: z
    .stringbool()
    .default(true)
    .describe('Whether tokens of Kubernetes service accounts and users are taken.'),
  LIVECHANNEL_API_KUBERNETES_AUDIENCE: optionalText.describe(
    "Audience that such tokens must have. Default: the API server's own.",
  ),
  LIVECHANNEL_API_KEYS: z
    .stringbool()
    .default(true)
    .describe('Whether API keys (livechannel api-key) are taken; they need the database.'),
  LIVECHANNEL_API_OIDC_ISSUER: optional(z.url()).describe(
    'Issuer of JWTs that are taken; its keys are found by OpenID Connect discovery. Default: none are.',
  ),
  LIVECHANNEL_API_OIDC_AUDIENCE: optionalText.describe(
    'Audience that such JWTs must have; needed with an issuer.',
  ),
  LIVECHANNEL_API_OIDC_JWKS_URL: optional(z.url()).describe(
    "Where the issuer's keys are, instead of discovery.",
  ),
  LIVECHANNEL_API_OIDC_SCOPE_CLAIM: z
    .string()
    .min(1)
    .default('scope')
    .describe(
      'Claim of such JWTs with the scopes, as a text or a list: livechannel:playback, :operate, :admin.',
    ),
  LIVECHANNEL_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least level that is logged.'),
});
export type ApiSettings = z.infer<typeof apiSettingsSchema>;
