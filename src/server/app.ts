import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../base/clock.ts';
import { noNotifications, type AgoraNotifications } from './agora-notifications/receiver.ts';
import type { Authenticate } from './auth/authenticate.ts';
import { clientNetwork } from './auth/client-network.ts';
import type { Login } from './auth/sessions/login.ts';
import { answerUnreadable } from './client-errors.ts';
import { EventStreams } from './event-streams.ts';
import { lastAnswers } from './last-answers.ts';
import { ApiProblem } from './problems.ts';
import { administrationRoutes } from './rest/administration.ts';
import { agoraNotificationRoutes } from './rest/agora-notifications.ts';
import { prepareCalls } from './rest/calls.ts';
import { channelRoutes } from './rest/channels.ts';
import { documentRoutes } from './rest/documents.ts';
import { dashboardRoutes } from './rest/pages/dashboard.ts';
import { embedRoutes } from './rest/pages/embed.ts';
import { eventRoutes } from './rest/events.ts';
import { loginRoutes } from './rest/login.ts';
import { numberRoutes } from './rest/numbers.ts';
import { oidcLoginRoutes } from './rest/oidc-login.ts';
import { describeApi } from './rest/openapi.ts';
import { playbackRoutes } from './rest/playback.ts';
import { qoeRoutes } from './rest/qoe.ts';
import { answerProblems, answerRefusedByRouter } from './rest/problem-answers.ts';
import { relayRoutes } from './rest/relay.ts';
import type { TypedApp } from './rest/routes.ts';
import { ticketRoutes } from './rest/tickets.ts';
import type { Services } from './service.ts';
import type { ApiSettings } from './settings.ts';
import { registerTrpc } from './trpc/plugin.ts';

export interface AppOptions {
  readonly services: Services;
  readonly authenticate: Authenticate;
  /** Default: notifications are rejected. */
  readonly agoraNotifications?: AgoraNotifications | undefined;
  readonly settings: Pick<
    ApiSettings,
    | 'LIVECHANNEL_API_BODY_LIMIT_BYTES'
    | 'LIVECHANNEL_API_CORS_ORIGINS'
    | 'LIVECHANNEL_API_EMBED_MEDIA_ORIGINS'
    | 'LIVECHANNEL_API_PUBLIC_PLAYBACK'
    | 'LIVECHANNEL_API_RATE_LIMIT'
    | 'LIVECHANNEL_API_RATE_LIMIT_ANONYMOUS'
    | 'LIVECHANNEL_API_RATE_LIMIT_TICKET'
    | 'LIVECHANNEL_API_REQUEST_TIMEOUT_SECONDS'
    | 'LIVECHANNEL_API_TRUSTED_PROXIES'
  >;
  /** Default: there is no login. */
  readonly login?: Login | undefined;
  /** Files of the pages. Default: those of the build, beside the program. */
  readonly pagesFolder?: URL | undefined;
  /** Default: nothing is logged. */
  readonly logger?: FastifyBaseLogger | undefined;
  readonly clock?: Pick<Clock, 'now' | 'monotonic' | 'schedule'> | undefined;
  /** Returns a number from 0 to 1, which varies the duration of event streams. Default: Math.random. */
  readonly random?: (() => number) | undefined;
  /** Aborts when shutdown begins. Requests are still answered then, but each response closes its connection. */
  readonly leaving?: AbortSignal | undefined;
}

/** Logs a response. Successful reads are logged at level debug, because apps send them for each of their viewers. */
function logAnswer(
  log: FastifyBaseLogger,
  { method, routeOptions, id, call }: FastifyRequest,
  { statusCode: status, elapsedTime }: FastifyReply,
): void {
  const level = status < 400 && (method === 'GET' || method === 'HEAD') ? 'debug' : 'info';
  const fields = { requestId: id, method, route: routeOptions.url, status };
  log[level]({ ...fields, subject: call.caller.subject, ms: Math.round(elapsedTime) }, 'answered');
}

/** Request ids that are unique across replicas: a random prefix of this process, and a counter. */
function requestIds(): () => string {
  const own = randomBytes(9).toString('base64url');
  let created = 0;
  return () => `${own}.${(created++).toString(36)}`;
}

const requestIdPattern = /^[\x21-\x7e]{1,128}$/;

/** Builds the HTTP server with both adapters of the service, REST and tRPC. It does not listen yet. */
export async function buildApp(options: AppOptions): Promise<TypedApp> {
  const {
    services,
    authenticate,
    settings,
    logger,
    leaving,
    clock = systemClock,
    random = Math.random,
  } = options;
  const proxies = settings.LIVECHANNEL_API_TRUSTED_PROXIES;
  const newRequestId = requestIds();
  const requestMs = settings.LIVECHANNEL_API_REQUEST_TIMEOUT_SECONDS * 1_000;
  const app = fastify({
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    // logAnswer writes one line per response, without headers.
    logController: new LogController({ disableRequestLogging: true }),
    // A logger per request is expensive; lines about a request contain its id instead.
    childLoggerFactory: (parent) => parent,
    bodyLimit: settings.LIVECHANNEL_API_BODY_LIMIT_BYTES,
    trustProxy: proxies.length === 0 ? false : [...proxies],
    forceCloseConnections: 'idle',
    // During shutdown, requests on open connections are answered normally, and the connection is closed afterwards.
    return503OnClosing: false,
    frameworkErrors: answerRefusedByRouter,
    clientErrorHandler: answerUnreadable(logger),
    // Time for a request to arrive completely; after it, Node answers 408.
    requestTimeout: requestMs,
    // Node uses the larger of the two limits for the whole request.
    http: {
      headersTimeout: requestMs,
      connectionsCheckingInterval: Math.min(requestMs, 5_000),
      ...(leaving === undefined ? {} : { ServerResponse: lastAnswers(leaving) }),
    },
    // An id has at most 512 bytes, each of which may be encoded as %XX.
    routerOptions: { maxParamLength: 1_600, ignoreTrailingSlash: true },
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && requestIdPattern.test(given) ? given : newRequestId();
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  // Responses are not validated: their types are derived from the schemas, and tests check them against the document.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));

  // PATCH takes application/merge-patch+json (RFC 7396); application/json is accepted as well. Empty bodies are accepted,
  // because many clients send a Content-Type without a body.
  app.removeContentTypeParser('text/plain');
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'string' },
    (request, body, done) => (body === '' ? done(null) : parseJson(request, body, done)),
  );

  answerProblems(app);
  await describeApi(app);
  if (settings.LIVECHANNEL_API_CORS_ORIGINS.length > 0)
    await app.register(cors, {
      origin: settings.LIVECHANNEL_API_CORS_ORIGINS,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: ['Date', 'ETag', 'Link', 'Location', 'Retry-After', 'X-Request-Id'],
      maxAge: 3_600,
    });
  prepareCalls(app, {
    authenticate,
    publicPlayback: settings.LIVECHANNEL_API_PUBLIC_PLAYBACK,
    requestMs,
    clock,
  });
  if (settings.LIVECHANNEL_API_RATE_LIMIT > 0)
    await app.register(rateLimit, {
      hook: 'preHandler',
      max: ({ call: { caller } }) => {
        if (caller.subject === 'anonymous') return settings.LIVECHANNEL_API_RATE_LIMIT_ANONYMOUS;
        if (caller.ticket !== undefined) return settings.LIVECHANNEL_API_RATE_LIMIT_TICKET;
        return settings.LIVECHANNEL_API_RATE_LIMIT;
      },
      timeWindow: 60_000,
      cache: 20_000,
      keyGenerator: ({ call: { caller }, ip }) =>
        caller.subject === 'anonymous' ? clientNetwork(ip) : caller.subject,
      // No headers about the remaining quota; a rejected request has Retry-After.
      addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
      addHeadersOnExceeding: {
        'x-ratelimit-limit': false,
        'x-ratelimit-remaining': false,
        'x-ratelimit-reset': false,
      },
      errorResponseBuilder: (_request, { max, ttl }) =>
        new ApiProblem('too-many-requests', `The limit is ${max} requests per minute.`, {
          retryAfterSeconds: ttl / 1_000,
        }),
    });
  app.addHook('onResponse', (request, reply, done) => {
    logAnswer(app.log, request, reply);
    done();
  });

  for (const routes of [
    ...[channelRoutes, relayRoutes, playbackRoutes, ticketRoutes, numberRoutes],
    administrationRoutes,
  ])
    routes(app, services);
  await qoeRoutes(app, services, authenticate);
  const streams = new EventStreams(random, clock);
  app.addHook('preClose', async () => {
    streams.closeAll();
  });
  eventRoutes(app, services, streams, clock);
  documentRoutes(app);
  embedRoutes(app, {
    appOrigins: settings.LIVECHANNEL_API_CORS_ORIGINS,
    mediaOrigins: settings.LIVECHANNEL_API_EMBED_MEDIA_ORIGINS,
    folder: options.pagesFolder,
  });
  dashboardRoutes(app, {
    mediaOrigins: settings.LIVECHANNEL_API_EMBED_MEDIA_ORIGINS,
    folder: options.pagesFolder,
  });
  loginRoutes(app, options.login);
  oidcLoginRoutes(app, options.login);
  await agoraNotificationRoutes(app, options.agoraNotifications ?? noNotifications);
  await registerTrpc(app, {
    services,
    authenticate,
    requestMs,
    clock,
    streams,
    publicPlayback: settings.LIVECHANNEL_API_PUBLIC_PLAYBACK,
  });
  return app;
}
