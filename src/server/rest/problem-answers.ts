import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { frameworkProblem } from '../framework-errors.ts';
import { isProblem, ApiProblem } from '../problems.ts';
import { prepareAnswer } from './calls.ts';
import { scopeRefusal } from './scope-refusal.ts';

/** Every error is returned as RFC 9457 problem+json, wherever it was thrown. */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler(async (error, request, reply) => {
    // An unknown path takes precedence over an unreadable body. Requests are validated before the services check the scope,
    // so it is checked here: without the required scope, a caller receives only that error, and none about its request.
    const problem = request.is404
      ? unknownAddress(request)
      : frameworkProblem((isProblem(error) ? undefined : scopeRefusal(request)) ?? error);
    if (problem.code === 'internal')
      request.log.error({ err: error, requestId: request.id }, 'a request failed');
    return sendProblem(reply, request, problem);
  });
  const methods = knownMethods(app);
  const unknownAddress = ({ url, method }: FastifyRequest): ApiProblem => {
    const path = url.split('?')[0] ?? '';
    const allowed = methods(path);
    return allowed.length === 0
      ? new ApiProblem('not-found', `${path} does not exist. See /v1/openapi.json.`)
      : new ApiProblem('method-not-allowed', `${path} does not support ${method}.`, {
          headers: { allow: allowed.join(', ') },
        });
  };
  app.setNotFoundHandler(async (request, reply) => sendProblem(reply, request, unknownAddress(request)));
}

/** For requests that the router itself rejects: no hook sees them. */
export function answerRefusedByRouter(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  void sendProblem(prepareAnswer(reply, request.id), request, frameworkProblem(error));
}

export function sendProblem(reply: FastifyReply, request: FastifyRequest, problem: ApiProblem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({ ...problem.toJSON(), instance: `urn:livechannel:request:${request.id}` });
}

/** The methods that the routes support at a path, for the header Allow. */
function knownMethods(app: FastifyInstance): (path: string) => readonly string[] {
  const routes = new Map<string, { readonly matches: RegExp; readonly methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const known = routes.get(url) ?? {
      matches: new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:[^/]+/g, '[^/]+')}/?$`),
      methods: new Set<string>(),
    };
    for (const each of [method].flat()) known.methods.add(each);
    routes.set(url, known);
  });
  return (path) => {
    const all = [...routes.values()].filter(({ matches }) => matches.test(path));
    return [...new Set(all.flatMap(({ methods }) => [...methods]))].sort();
  };
}
