/**
 * Everything that the service refuses or fails with. The codes are stable: apps may compare them. docs/reference/problems.md is
 * made from this list, and REST gives it as RFC 9457 problem+json.
 */
interface Kind {
  readonly status: number;
  /** The same for every occurrence (RFC 9457, 3.1.3). */
  readonly title: string;
  /** For the documentation: when it happens, and what the caller should do. */
  readonly about: string;
}

export const problems = {
  'invalid-request': {
    status: 400,
    title: 'The request is not valid.',
    about:
      'The member errors names each fault by path and message. Change the request; repeating it is no use.',
  },
  'not-authenticated': {
    status: 401,
    title: 'Nobody knows who asks.',
    about:
      'No credentials, or some that are wrong, expired or revoked. Send a Kubernetes token, an API key or an OIDC token as Authorization: Bearer.',
  },
  'not-allowed': {
    status: 403,
    title: 'The caller may not do this.',
    about: 'The member scope names the scope that is needed: playback, operate or admin.',
  },
  'hls-only': {
    status: 403,
    title: 'Viewers watch this channel on HLS alone.',
    about:
      'No Agora token is given to viewers while the effective mode is hls-only. Ask for playback instead.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing at this address.',
    about: 'The path is not one of the API. See the OpenAPI document.',
  },
  'channel-not-found': {
    status: 404,
    title: 'There is no such channel.',
    about: 'It was never made, or it has ended. Make it, or start its relay, which makes it.',
  },
  'platform-not-found': {
    status: 422,
    title: 'There is no such platform.',
    about: 'A StreamingPlatform of this name does not exist. The members of /v1/platforms do.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The address does not know this method.',
    about: 'The header Allow names those that it knows.',
  },
  'channel-exists': {
    status: 409,
    title: 'The channel exists already.',
    about:
      'It was made by another request. Change it instead, or repeat the request that made it with the same Idempotency-Key.',
  },
  'channel-ending': {
    status: 409,
    title: 'The channel is ending.',
    about: 'It was deleted, and its stream is being taken down. Try again as soon as the channel is gone.',
  },
  'name-conflict': {
    status: 409,
    title: 'Another channel has the resource name of this id.',
    about:
      'Somebody made a LiveChannel by hand whose name stands for this id and which says that it is another channel. Delete or rename that resource.',
  },
  conflict: {
    status: 409,
    title: 'The channel changed at the same moment.',
    about: 'Several writers were faster each time. Read it again and repeat the change.',
  },
  'agora-only': {
    status: 409,
    title: 'The channel has no HLS address: it is on Agora alone.',
    about:
      'Its streamMode is agora-only, or auto or a budget chose Agora before it ever had a stream. Watch on Agora, or change streamMode.',
  },
  'cannot-sign': {
    status: 409,
    title: 'This service cannot sign playback addresses of the platform.',
    about:
      'The channel asks for signed playback. The platform cannot, or no signing key for it is mounted into the service (LIVECHANNEL_API_PLAYBACK_KEYS_DIR/PLATFORM).',
  },
  'agora-not-set-up': {
    status: 409,
    title: 'This service has no Agora credentials.',
    about:
      'No app id and certificate are mounted into the service (LIVECHANNEL_API_AGORA_DIR). Whoever runs it must do so.',
  },
  'request-incomplete': {
    status: 408,
    title: 'The request did not arrive in time.',
    about: 'Its headers or its body came too slowly, or stopped coming. Send it again on a new connection.',
  },
  'precondition-failed': {
    status: 412,
    title: 'The channel is not the one of If-Match any more.',
    about: 'Somebody changed it since. Read it again, decide anew, and repeat with the new ETag.',
  },
  'too-large': {
    status: 413,
    title: 'The request is too large.',
    about: 'The body is larger than the service takes.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is of a kind that the service does not read.',
    about: 'Send application/json.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key belongs to another request.',
    about:
      'The channel was made with this key by a request of other content. Use a new key for each request.',
  },
  'refused-by-cluster': {
    status: 422,
    title: 'The cluster refused the channel.',
    about:
      'A rule of the resource, an admission policy or a quota refused it; detail and errors say which. Repeating it is no use until that changes.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests.',
    about: 'Wait for as many seconds as the header Retry-After says.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large.',
    about: 'The request line and the headers together are larger than the service takes. Send fewer cookies.',
  },
  internal: {
    status: 500,
    title: 'The service failed.',
    about: 'A fault of the service. Its log has more under the request id.',
  },
  'subscriber-too-slow': {
    status: 503,
    title: 'The subscriber did not keep up.',
    about:
      'More events waited for it than the service keeps. Subscribe again with the id of the last event: what happened since is told, or everything as it is now.',
  },
  'too-many-subscribers': {
    status: 503,
    title: 'This replica has as many subscribers as it takes.',
    about: 'Subscribe again after Retry-After, perhaps to another replica.',
  },
  'stream-not-ready': {
    status: 503,
    title: 'The stream has no address yet.',
    about:
      'The platform has not made it within the time that a request may wait; it is being made. Repeat after Retry-After. detail says what hinders it, where that is known.',
  },
  'store-unavailable': {
    status: 503,
    title: 'The database does not answer.',
    about:
      'Charts, costs, alerts and API keys need it; all else works without. Repeat later. Where the service runs without a database, this is for ever.',
  },
  'issuer-unavailable': {
    status: 503,
    title: 'The OIDC issuer does not give its keys.',
    about:
      'The token says that it is of the OIDC issuer of this service, whose keys cannot be fetched, so that nobody can tell. Repeat after Retry-After.',
  },
  'kubernetes-unavailable': {
    status: 503,
    title: 'The Kubernetes API server does not answer.',
    about: 'Nothing can be changed meanwhile; reads go on. Repeat after Retry-After.',
  },
  'shutting-down': {
    status: 503,
    title: 'This replica is shutting down.',
    about: 'Repeat at once: another replica answers.',
  },
  timeout: {
    status: 504,
    title: 'It took too long.',
    about: 'The change may have happened all the same. Read, or repeat with the same Idempotency-Key.',
  },
} as const satisfies Record<string, Kind>;

export type ProblemCode = keyof typeof problems;

export function isProblemCode(value: unknown): value is ProblemCode {
  return typeof value === 'string' && Object.hasOwn(problems, value);
}

const TYPE_BASE = 'https://livechannel.dev/problems/';

export function problemType(code: ProblemCode): string {
  return TYPE_BASE + code;
}

/** One fault of a request: `path` as in "playback.latency", empty for the whole. */
export interface RequestFault {
  readonly path: string;
  readonly message: string;
}

/** Members beside those of RFC 9457. */
export interface ProblemExtensions {
  readonly errors?: readonly RequestFault[];
  readonly scope?: string;
}

export interface ProblemOptions {
  readonly extensions?: ProblemExtensions;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whole seconds, for Retry-After. */
  readonly retryAfterSeconds?: number;
  /** For the log; never told to the caller. */
  readonly cause?: unknown;
}

/** The body of an answer, as application/problem+json. */
export interface ProblemBody extends ProblemExtensions {
  readonly type: string;
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/**
 * The only thing that Services throw. `detail` is for people, says what to do, and holds no secret.
 *
 * @example
 * throw new Problem('stream-not-ready', 'ivs-eu is full: 100 of 100 streams.', { retryAfterSeconds: 5 });
 */
export class ApiProblem extends Error {
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

  toJSON(): ProblemBody {
    const { code, status, title, detail, extensions } = this;
    return { type: problemType(code), code, status, title, detail, ...extensions };
  }
}

/** By its shape: a Problem may come from another realm (jest runs tests in one of their own). */
export function isProblem(error: unknown): error is ApiProblem {
  return error instanceof Error && error.name === 'Problem' && 'code' in error && isProblemCode(error.code);
}
