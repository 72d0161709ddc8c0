import { z } from 'zod';
import { commaList, optionalText } from '../base/environment.ts';
import { accessPointsSchema } from '../api/live-channel.ts';
import { namespaceNameSchema, objectNameSchema } from '../api/metadata.ts';
import { SecretText } from '../base/secret-text.ts';
import { channelDefaultsSchema, serviceDefaults, withDefaults } from './contract/channel-defaults.ts';

const whole = (min: number, max: number): z.ZodCoercedNumber => z.coerce.number().int().min(min).max(max);
const optional = <S extends z.ZodType<unknown, string>>(
  schema: S,
): z.ZodPipe<typeof optionalText, z.ZodOptional<S>> => optionalText.pipe(schema.optional());

/** A setting that is JSON of this shape; `what` names the shape in messages. */
function json<S extends z.ZodType>(
  schema: S,
  what: string,
): z.ZodPipe<z.ZodString, z.ZodTransform<z.output<S>, string>> {
  return z.string().transform((text, context) => {
    const issue = (why: string): never => {
      context.addIssue({ code: 'custom', message: `not ${what} as JSON: ${why}` });
      return z.NEVER;
    };
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return issue('it is not JSON');
    }
    const { data, error } = schema.safeParse(value);
    return error === undefined ? data : issue(z.prettifyError(error));
  });
}

/** Settings of `livechannel api`, from the environment. docs/reference/settings.md is generated from this schema. */
export const apiSettingsSchema = z.object({
  // Content.
  LIVECHANNEL_API_NAMESPACE: optional(namespaceNameSchema).describe(
    "Namespace whose LiveChannels are served. Default: the service's own.",
  ),
  LIVECHANNEL_API_AGORA_SECRET: objectNameSchema
    .default('agora')
    .describe('Secret in that namespace that new channels refer to in spec.agora.credentialsRef.'),
  LIVECHANNEL_API_DEFAULTS: optional(json(channelDefaultsSchema, 'settings of a channel'))
    .transform((given) => withDefaults(given ?? {}, serviceDefaults))
    .describe(
      `Settings of new channels whose request does not set them, as JSON: what POST /v1/channels accepts, without id and onAir. agoraChannelName may contain {channelId}. Settings that are not named here are as in ${JSON.stringify(serviceDefaults)}, all others as in the resource.`,
    ),
  LIVECHANNEL_API_AGORA_ACCESS_POINTS: optional(json(accessPointsSchema, 'spec.agora.accessPoints')).describe(
    'spec.agora.accessPoints of new channels, as JSON; for private Agora deployments and tests.',
  ),
  LIVECHANNEL_API_START_TIMEOUT_SECONDS: whole(0, 60)
    .default(15)
    .describe(
      "How long a start waits for the stream's playback URL before it fails with 503 stream-not-ready.",
    ),
  LIVECHANNEL_API_PLAYBACK_TOKEN_SECONDS: whole(60, 86_400)
    .default(3_600)
    .describe('Lifetime of signed playback URLs, in seconds.'),
  LIVECHANNEL_API_STALE_SECONDS: whole(5, 3_600)
    .default(60)
    .describe(
      'How long the Kubernetes API server may be unreachable before the service reports its data as stale (metric and log). It continues to serve it.',
    ),
  // Mounted files.
  LIVECHANNEL_API_AGORA_DIR: optionalText.describe(
    'Folder with the files appId and appCertificate: the mounted Secret LIVECHANNEL_API_AGORA_SECRET. Agora tokens require it.',
  ),
  LIVECHANNEL_API_PLAYBACK_KEYS_DIR: optionalText.describe(
    "Folder with one folder for each StreamingPlatform, of the same name. Its files are the keys of the platform's Secret that signing requires. Signed playback requires it.",
  ),
  DATABASE_URL: optionalText
    .transform((url) => (url === undefined ? undefined : new SecretText(url)))
    .describe(
      'PostgreSQL, as postgres://user:password@host:port/database. Charts, costs, alerts, viewer counts and API keys require it.',
    ),
  DATABASE_URL_FILE: optionalText.describe('File with that URL, instead of DATABASE_URL.'),
  LIVECHANNEL_PRICES_FILE: optionalText.describe(
    'Price book that overrides the built-in one (docs/channels/costs.md); reloaded when it changes.',
  ),
  // HTTP.
  LIVECHANNEL_HTTP_HOST: z.string().default('0.0.0.0').describe('Address of the API, health and metrics.'),
  LIVECHANNEL_API_PORT: whole(0, 65_535).default(8080).describe('Port of the API.'),
  LIVECHANNEL_HTTP_PORT: whole(0, 65_535)
    .default(8081)
    .describe('Port of health and metrics; do not expose it.'),
  LIVECHANNEL_API_CORS_ORIGINS: commaList
    .prefault('')
    .describe(
      'Comma-separated origins that may call the API from a browser (CORS), e.g. https://shop.example. Default: none.',
    ),
  LIVECHANNEL_API_TRUSTED_PROXIES: commaList
    .prefault('')
    .describe('Comma-separated addresses and CIDRs of proxies whose X-Forwarded-For is trusted.'),
  LIVECHANNEL_API_RATE_LIMIT: whole(0, 10_000_000)
    .default(60_000)
    .describe(
      "Requests per minute of one caller to one replica; 0 = unlimited. The app's back end is one caller, for all its viewers.",
    ),
  LIVECHANNEL_API_RATE_LIMIT_ANONYMOUS: whole(1, 10_000_000)
    .default(600)
    .describe(
      'Requests per minute of one address without credentials to one replica, where public playback is enabled.',
    ),
  LIVECHANNEL_API_BODY_LIMIT_BYTES: whole(1_024, 10_485_760)
    .default(65_536)
    .describe('Maximum size of a request body, in bytes.'),
  LIVECHANNEL_API_REQUEST_TIMEOUT_SECONDS: whole(1, 300)
    .default(30)
    .describe('Timeout of a request, which then fails with 504. Does not apply to events.'),
  LIVECHANNEL_API_SHUTDOWN_DELAY_SECONDS: whole(0, 600)
    .default(5)
    .describe(
      'After SIGTERM: how long the service reports that it is not ready while it still answers, so that load balancers stop sending requests.',
    ),
  LIVECHANNEL_API_DRAIN_SECONDS: whole(0, 3_600)
    .default(20)
    .describe('After that delay: how long open requests may take to finish, while new ones are rejected.'),
  LIVECHANNEL_API_MAX_SUBSCRIBERS: whole(1, 1_000_000)
    .default(10_000)
    .describe('Maximum number of concurrent event streams of one replica; further ones fail with 503.'),
  // Authentication.
  LIVECHANNEL_API_PUBLIC_PLAYBACK: z
    .stringbool()
    .default(false)
    .describe('true: the playback URL and the relay status of channels require no credentials.'),
  LIVECHANNEL_API_KUBERNETES_TOKENS: z
    .stringbool()
    .default(true)
    .describe('Whether tokens of Kubernetes service accounts and users are accepted.'),
  LIVECHANNEL_API_KUBERNETES_AUDIENCE: optionalText.describe(
    "Required audience of such tokens. Default: the API server's own.",
  ),
  LIVECHANNEL_API_KEYS: z
    .stringbool()
    .default(true)
    .describe('Whether API keys (livechannel api-key) are accepted; they require the database.'),
  LIVECHANNEL_API_OIDC_ISSUER: optional(z.url()).describe(
    'Issuer whose JWTs are accepted; its keys are found by OpenID Connect discovery. Default: none.',
  ),
  LIVECHANNEL_API_OIDC_AUDIENCE: optionalText.describe(
    'Required audience of such JWTs; required with an issuer.',
  ),
  LIVECHANNEL_API_OIDC_JWKS_URL: optional(z.url()).describe(
    "URL of the issuer's keys, instead of discovery.",
  ),
  LIVECHANNEL_API_OIDC_SCOPE_CLAIM: z
    .string()
    .min(1)
    .default('scope')
    .describe(
      'Claim of such JWTs with the scopes, as a string or a list: livechannel:playback, livechannel:operate, livechannel:admin.',
    ),
  LIVECHANNEL_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Minimum log level.'),
});
export type ApiSettings = z.infer<typeof apiSettingsSchema>;
