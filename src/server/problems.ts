import { CodedError } from '../base/errors.ts';

/** Titles by status, from RFC 9110, section 15, and RFC 6585. Code and detail are more specific. */
const httpTitles = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
} as const;

interface Kind {
  readonly status: number;
  /** The same for every occurrence (RFC 9457, 3.1.3). */
  readonly title: string;
  /** One sentence: what happened. */
  readonly meaning: string;
  /** For the documentation: when it happens, and what the caller should do. */
  readonly about: string;
}

function kind(status: keyof typeof httpTitles, meaning: string, about: string): Kind {
  return { status, title: httpTitles[status], meaning, about };
}

/**
 * Every error of the service. The codes are stable: apps may compare them. docs/reference/problems.md is generated from
 * this list, and REST returns them as RFC 9457 problem+json.
 */
export const problems = {
  'invalid-request': kind(
    400,
    'The request is not valid.',
    'The member `errors` names each fault by path and message. Correct the request; do not repeat it unchanged.',
  ),
  'not-authenticated': kind(
    401,
    'Authentication required.',
    'The credentials are missing, wrong, expired or revoked. Send a ticket, an API key, a Kubernetes token or an OIDC token as Authorization: Bearer.',
  ),
  'ticket-expired': kind(
    401,
    'The ticket has expired.',
    "Request another ticket from the app's back end and repeat the request with it. An event stream that ended resumes with the id of its last event.",
  ),
  'not-allowed': kind(
    403,
    'Permission denied.',
    'The member `scope` names the required scope: playback, operate or admin. A ticket has none: it allows what its role and its grants name, for its own channel.',
  ),
  'cross-site-request': kind(
    403,
    'The request comes from a page of another site.',
    'It has the cookie of a session, which only pages of the service itself may use for changes. Programs send an API key or a token as Authorization: Bearer instead.',
  ),
  'hls-only': kind(
    403,
    'Viewers watch this channel on HLS only.',
    'Viewers receive no Agora token while the effective mode is hls-only. Request the playback URL instead.',
  ),
  'not-found': kind(
    404,
    'The path does not exist.',
    'The path is not part of the API. See the OpenAPI document.',
  ),
  'agora-notifications-disabled': kind(
    404,
    "The service does not receive Agora's notifications.",
    'It has no secret for them. Mount it (LIVECHANNEL_API_AGORA_NOTIFICATIONS_DIR; chart value api.agoraNotifications.secretName).',
  ),
  'channel-not-found': kind(
    404,
    'The channel does not exist.',
    'It was never created, or it has ended. Create it, or start its relay, which creates it.',
  ),
  'api-key-not-found': kind(
    404,
    'The API key does not exist.',
    'There is no API key of this id. GET /v1/api-keys lists them.',
  ),
  'platform-not-found': kind(
    422,
    'The platform does not exist.',
    'There is no StreamingPlatform of this name. GET /v1/platforms lists them.',
  ),
  'method-not-allowed': kind(
    405,
    'The path does not support this method.',
    'The header Allow lists the supported methods.',
  ),
  'channel-exists': kind(
    409,
    'The channel already exists.',
    'It was created by another request. Change it instead, or repeat the request that created it with the same Idempotency-Key.',
  ),
  'channel-ending': kind(
    409,
    'The channel is being deleted.',
    'Its stream is being deleted on the platform. Retry when the channel is gone.',
  ),
  'name-conflict': kind(
    409,
    'Another channel has the resource name of this id.',
    'A LiveChannel that was created by hand has the name that stands for this id, but its annotation names another channel. Delete or rename that resource.',
  ),
  conflict: kind(
    409,
    'The channel was changed concurrently.',
    'Other writers were faster at each attempt. Read the channel again and repeat the change.',
  ),
  'agora-only': kind(
    409,
    'The channel has no HLS address because it is on Agora only.',
    'Its streamMode is agora-only, or auto or a budget chose Agora before a stream was created. Watch on Agora, or change streamMode.',
  ),
  'relay-running': kind(
    409,
    'The relay is on air in another Agora channel.',
    'A start does not interrupt a show. Stop the relay first, or change agoraChannelName of the channel, which moves the relay at once.',
  ),
  'cannot-sign': kind(
    409,
    'The service cannot sign playback URLs of the platform.',
    'The channel requires signed playback. The platform does not support it, or its signing key is not mounted into the service (LIVECHANNEL_API_PLAYBACK_KEYS_DIR/PLATFORM).',
  ),
  'cannot-rotate-key': kind(
    409,
    'The stream has no key that the platform can replace.',
    'The channel has no stream yet, or its platform is of the provider rtmp: get another key from that service, and put it into the Secret of the platform.',
  ),
  'agora-not-set-up': kind(
    409,
    'The service has no Agora credentials.',
    'Mount the app id and the app certificate into the service (LIVECHANNEL_API_AGORA_DIR).',
  ),
  'tickets-not-set-up': kind(
    409,
    'The service has no key for tickets.',
    'Mount a Secret with a key of at least 32 bytes into the service (LIVECHANNEL_API_TICKET_KEYS_DIR; chart: api.tickets). A key that is shorter is ignored.',
  ),
  'login-not-set-up': kind(
    409,
    'The service has no key for sessions.',
    'Mount a file with a key of at least 32 characters (LIVECHANNEL_API_SESSION_KEYS_FILE; chart: api.login). For a login at the OIDC issuer, LIVECHANNEL_API_OIDC_CLIENT_ID is required as well.',
  ),
  'agora-token-not-accepted': kind(
    409,
    'The service accepts no Agora tokens.',
    'Storing a token needs a right on Secrets, which the service does not have by default. Set api.agoraTokens.accept=true in the values of the chart, or omit the token where the service has the app certificate.',
  ),
  'agora-token-rejected': kind(
    422,
    'The Agora token cannot be used.',
    'It has expired, is for another channel, or is not an AccessToken2 (007). The detail says what to mint.',
  ),
  'request-incomplete': kind(
    408,
    'The request did not arrive in time.',
    'Its headers or its body came too slowly, or stopped. Send it again on a new connection.',
  ),
  'precondition-failed': kind(
    412,
    'The channel has changed since the ETag in If-Match.',
    'Read the channel again, and repeat the change with the new ETag if it still applies.',
  ),
  'too-large': kind(413, 'The request body is too large.', 'The limit is LIVECHANNEL_API_BODY_LIMIT_BYTES.'),
  'unsupported-media-type': kind(
    415,
    'The media type of the body is not supported.',
    'Send application/json.',
  ),
  'idempotency-key-reused': kind(
    422,
    'The Idempotency-Key belongs to another request.',
    'The channel was created with this key by a request with different content. Use a new key for each request.',
  ),
  'refused-by-cluster': kind(
    422,
    'The cluster rejected the channel.',
    'A validation rule, an admission policy or a quota rejected it; `detail` and `errors` say which. Do not repeat the request until that has changed.',
  ),
  'too-many-requests': kind(
    429,
    'Too many requests.',
    'Retry after the number of seconds in the header Retry-After.',
  ),
  'headers-too-large': kind(
    431,
    'The request headers are too large.',
    'The limit applies to the request line and the headers together. Send fewer cookies.',
  ),
  internal: kind(
    500,
    'The service failed.',
    'This is a fault of the service. Its log has more under the request id.',
  ),
  'subscriber-too-slow': kind(
    503,
    'The subscriber did not keep up.',
    'More events were queued for it than the service keeps. Subscribe again with the id of the last event: the missed events follow, or a snapshot.',
  ),
  'too-many-subscribers': kind(
    503,
    'This replica has reached its limit of subscribers.',
    'Subscribe again after Retry-After; another replica may have room.',
  ),
  'stream-not-ready': kind(
    503,
    'The stream has no address yet.',
    'The platform is still creating it. Repeat the request after Retry-After. `detail` says what delays it, where that is known.',
  ),
  'store-unavailable': kind(
    503,
    'The database is not available.',
    'Charts, costs, alerts and API keys need it; everything else works without it. Retry later. Retrying does not help where the service runs without a database.',
  ),
  'issuer-unavailable': kind(
    503,
    'The keys of the OIDC issuer cannot be fetched.',
    'The token names the OIDC issuer of this service, but it cannot be verified now. Retry after Retry-After.',
  ),
  'kubernetes-unavailable': kind(
    503,
    'The Kubernetes API server is not available.',
    'Changes fail meanwhile; reads continue to work. Retry after Retry-After.',
  ),
  'shutting-down': kind(503, 'This replica is shutting down.', 'Retry at once: another replica answers.'),
  timeout: kind(
    504,
    'The request timed out.',
    'The change may have been applied. Read the channel, or repeat the request with the same Idempotency-Key.',
  ),
} as const satisfies Record<string, Kind>;

export type ProblemCode = keyof typeof problems;

export function isProblemCode(value: unknown): value is ProblemCode {
  return typeof value === 'string' && Object.hasOwn(problems, value);
}

const TYPE_BASE = 'https://livechannel.dev/problems/';

/** The problem's `type` URI (RFC 9457, 3.1.1). */
export function problemType(code: ProblemCode): string {
  return TYPE_BASE + code;
}

/** One fault of a request: `path` as in "playback.latency", empty for the whole. */
export interface RequestFault {
  readonly path: string;
  readonly message: string;
}

/** Members in addition to those of RFC 9457. */
export interface ProblemExtensions {
  readonly errors?: readonly RequestFault[];
  readonly scope?: string;
}

export interface ProblemOptions {
  readonly extensions?: ProblemExtensions;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whole seconds, for Retry-After. */
  readonly retryAfterSeconds?: number;
  /** For the log; never sent to the caller. */
  readonly cause?: unknown;
}

/** Body of a response of type application/problem+json. */
export interface ProblemBody extends ProblemExtensions {
  readonly type: string;
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/**
 * The only error that Services throw. `detail` is human-readable, states what to do, and contains no secret.
 *
 * @example
 * throw new ApiProblem('stream-not-ready', 'ivs-eu is full: 100 of 100 streams.', { retryAfterSeconds: 5 });
 */
export class ApiProblem extends CodedError {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly extensions: ProblemExtensions;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(`${code}: ${detail}`, options.cause === undefined ? {} : { cause: options.cause });
    const { status, title } = problems[code];
    const { retryAfterSeconds, headers = {} } = options;
    this.code = code;
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.extensions = options.extensions ?? {};
    this.headers = {
      ...headers,
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterSeconds)) }),
    };
  }

  /** Whether a retry may succeed: a timeout, too many requests, or a dependency that is not available now. */
  get retryable(): boolean {
    return [408, 429, 503, 504].includes(this.status);
  }

  toJSON(): ProblemBody {
    const { code, status, title, detail, extensions } = this;
    return { type: problemType(code), code, status, title, detail, ...extensions };
  }
}

/** The problem of one member of a request; `message` says what is wrong with it and what to do, without a full stop. */
export function invalidMember(path: string, message: string): ApiProblem {
  return new ApiProblem('invalid-request', `${path}: ${message}.`, {
    extensions: { errors: [{ path, message }] },
  });
}

/** A fault of the service. Nothing about the error is sent to the caller: it is in the log. */
export function internalProblem(cause: unknown): ApiProblem {
  return new ApiProblem('internal', 'The service failed. See its log under the request id.', { cause });
}

/** Checks the shape, because a problem may come from another realm (jest runs tests in separate realms). */
export function isProblem(error: unknown): error is ApiProblem {
  return error instanceof Error && error.name === 'Problem' && 'code' in error && isProblemCode(error.code);
}
