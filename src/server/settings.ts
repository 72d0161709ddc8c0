import { z } from 'zod';
import { commaList, optionalText } from '../base/environment.ts';
import { parseJson } from '../base/parse-json.ts';
import { accessPointsSchema } from '../api/live-channel.ts';
import { namespaceNameSchema, objectNameSchema } from '../api/metadata.ts';
import { SecretText } from '../base/secret-text.ts';
import { LOGIN_CALLBACK_PATH } from './auth/sessions/login-paths.ts';
import {
  channelDefaultsSchema,
  defaultsByLabelSchema,
  serviceDefaults,
  withDefaults,
} from './contract/channel-defaults.ts';

const whole = (min: number, max: number): z.ZodCoercedNumber => z.coerce.number().int().min(min).max(max);
const optional = <S extends z.ZodType<unknown, string>>(
  schema: S,
): z.ZodPipe<typeof optionalText, z.ZodOptional<S>> => optionalText.pipe(schema.optional());

const redirectUrlSchema = z
  .url()
  .refine(
    (text) => URL.parse(text)?.pathname === LOGIN_CALLBACK_PATH,
    `the path must be ${LOGIN_CALLBACK_PATH}`,
  );

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
    const value = parseJson(text);
    if (value === undefined) return issue('it is not JSON');
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
  LIVECHANNEL_API_DEFAULTS_BY_LABEL: optional(json(defaultsByLabelSchema, 'defaults by label'))
    .transform((given) => given ?? [])
    .describe(
      'Defaults of new channels with certain labels, which take precedence over LIVECHANNEL_API_DEFAULTS, as JSON: a list of {"labels": {...}, "defaults": {...}}. A later entry takes precedence over an earlier one.',
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
  LIVECHANNEL_API_AGORA_NOTIFICATIONS_DIR: optionalText.describe(
    "Folder with the secrets of Agora's notifications, a mounted Secret. The name of a file is that of the Secret with the project's credentials, such as agora; for a rotation also agora_2. Default: notifications are rejected.",
  ),
  LIVECHANNEL_API_AGORA_NOTIFICATIONS_CREATE_CHANNELS: z
    .stringbool()
    .default(false)
    .describe(
      'true: a host that joins an Agora channel which no LiveChannel relays creates one. Its Secret is LIVECHANNEL_API_AGORA_SECRET.',
    ),
  LIVECHANNEL_API_PLAYBACK_KEYS_DIR: optionalText.describe(
    "Folder with one folder for each StreamingPlatform, of the same name. Its files are the keys of the platform's Secret that signing requires. Signed playback requires it.",
  ),
  LIVECHANNEL_API_TICKET_KEYS_DIR: optionalText.describe(
    'Folder with the keys of tickets, one a file of at least 32 bytes: the newest by name signs, all verify. Tickets for browsers require it.',
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
  LIVECHANNEL_API_EMBED_MEDIA_ORIGINS: commaList
    .prefault('')
    .describe(
      'Comma-separated origins without TLS that the embed page may load media from, e.g. http://hls.example:8080. Any host with TLS is allowed.',
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
  LIVECHANNEL_API_RATE_LIMIT_TICKET: whole(1, 10_000_000)
    .default(600)
    .describe("Requests per minute of one user's tickets to one replica; of one ticket if it names no user."),
  LIVECHANNEL_API_AGORA_NOTIFICATIONS_RATE_LIMIT: whole(1, 10_000_000)
    .default(60_000)
    .describe("Agora's notifications per minute to one replica; Agora repeats notifications beyond that."),
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
  LIVECHANNEL_API_ACCEPT_AGORA_TOKENS: z
    .stringbool()
    .default(false)
    .describe(
      'Whether apps may pass an Agora token when they start a relay. The service stores it in a Secret, which needs the right to create and patch Secrets.',
    ),
  // Authentication.
  LIVECHANNEL_API_PUBLIC_PLAYBACK: z
    .stringbool()
    .default(false)
    .describe(
      'true: the playback URL and the relay status of channels with public playback require no credentials.',
    ),
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
  LIVECHANNEL_API_OIDC_CLIENT_ID: optionalText.describe(
    'Client ID of the dashboard at the issuer, for a login by the authorization code flow with PKCE. Default: no such login.',
  ),
  LIVECHANNEL_API_OIDC_CLIENT_SECRET_FILE: optionalText.describe(
    'File with the secret of that client; it is read again after a change. Default: a public client.',
  ),
  LIVECHANNEL_API_OIDC_REDIRECT_URL: optional(redirectUrlSchema).describe(
    `Address of the callback of the login, as the issuer knows it, such as https://live.example${LOGIN_CALLBACK_PATH}; required with a client ID.`,
  ),
  LIVECHANNEL_API_OIDC_LOGIN_SCOPES: z
    .string()
    .regex(/^openid(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/, 'expected scopes separated by spaces, openid first')
    .default('openid')
    .describe(
      'Scopes that a login requests, separated by spaces: openid first, and those that make the issuer put livechannel:operate or livechannel:admin into the ID token or the access token.',
    ),
  LIVECHANNEL_API_SESSION_KEYS_FILE: optionalText.describe(
    'File with the keys that encrypt the cookies of sessions, one a line, of at least 32 random characters: the first encrypts, all decrypt. It is read again after a change. Default: no login in a browser.',
  ),
  LIVECHANNEL_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Minimum log level.'),
});
export type ApiSettings = z.infer<typeof apiSettingsSchema>;
