import type { FastifyReply, FastifyRequest } from 'fastify';
import { cookieIn, deleteCookie, SESSION_COOKIE } from '../auth/sessions/cookies.ts';
import { notSetUp, type Login, type LoginCall, type StartedSession } from '../auth/sessions/login.ts';
import { scopeForLogin } from '../auth/sessions/oidc-login.ts';
import { subjectOf } from '../auth/sessions/session.ts';
import { crossSiteProblem, originOf } from '../auth/sessions/same-origin.ts';
import {
  loginRequestSchema,
  type LoginMethodsView,
  type LoginScope,
  type SessionView,
} from '../contract/sessions.ts';
import { ApiProblem } from '../problems.ts';
import type { TypedApp } from './routes.ts';

/** Longer than any key: no larger body is read from anonymous callers. */
const BODY_LIMIT_BYTES = 4_096;

/** Login and logout of browsers, for the pages of the service. `login` undefined: it is not set up. */
export function loginRoutes(app: TypedApp, login: Login | undefined): void {
  const open = { config: { open: true } } as const;

  app.route({
    method: 'GET',
    url: '/login',
    ...open,
    schema: { hide: true },
    handler: async (_request, reply) => {
      const view: LoginMethodsView = { methods: [...(await setUp(login).methods())] };
      return reply.header('cache-control', 'no-store').send(view);
    },
  });

  app.route({
    method: 'POST',
    url: '/login',
    ...open,
    bodyLimit: BODY_LIMIT_BYTES,
    schema: { hide: true, body: loginRequestSchema },
    handler: async (request, reply) => {
      // Otherwise another site could log its visitors in, as someone of its choice.
      if (originOf(request) === 'other')
        throw new ApiProblem('cross-site-request', 'Only pages of the service may log in.');
      const started = await setUp(login).withApiKey(request.body.apiKey, loginCall(request));
      return sendSession(reply, started, started.scope);
    },
  });

  app.route({
    method: 'POST',
    url: '/logout',
    ...open,
    bodyLimit: BODY_LIMIT_BYTES,
    schema: { hide: true },
    handler: async (request, reply) => {
      const token = cookieIn(request.headers.cookie, SESSION_COOKIE);
      if (token !== undefined) {
        const problem = crossSiteProblem(request);
        if (problem !== undefined) throw problem;
        await login?.end(token, { requestId: request.id, address: request.ip });
      }
      return reply
        .headers({ 'cache-control': 'no-store', 'set-cookie': deleteCookie(SESSION_COOKIE) })
        .code(204)
        .send();
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/session',
    schema: { hide: true },
    handler: async (request, reply) => {
      const { caller } = request.call;
      const token = cookieIn(request.headers.cookie, SESSION_COOKIE);
      const renewed =
        caller.session === true && token !== undefined ? await setUp(login).renew(token) : undefined;
      if (renewed === undefined)
        throw new ApiProblem('not-authenticated', 'There is no session, or it has ended. Log in.', {
          headers: { 'www-authenticate': 'Bearer' },
        });
      return sendSession(reply, renewed, scopeForLogin(caller));
    },
  });
}

export function setUp(login: Login | undefined): Login {
  if (login === undefined) throw notSetUp();
  return login;
}

export function loginCall({ id, call, ip }: FastifyRequest): LoginCall {
  return { requestId: id, signal: call.signal, address: ip };
}

function sendSession(
  reply: FastifyReply,
  { session, cookie }: StartedSession,
  scope: LoginScope,
): FastifyReply {
  const view: SessionView = {
    subject: subjectOf(session.holder),
    scope,
    expiresAt: session.expiresAt.toISOString(),
  };
  return reply.headers({ 'cache-control': 'no-store', 'set-cookie': cookie }).send(view);
}
