import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { isProblem, ApiProblem, type RequestFault } from '../problems.ts';
import { prepareAnswer } from './calls.ts';
import { scopeRefusal } from './scope-refusal.ts';

/** Every error is returned as RFC 9457 problem+json, wherever it was thrown. */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler(async (error, request, reply) => {
    // An unknown path takes precedence over an unreadable body. Requests are validated before the services check the scope,
    // so it is checked here: without the required scope, a caller receives only that error, and none about its request.
    const problem = request.is404
      ? unknownAddress(request)
      : asProblem((isProblem(error) ? undefined : scopeRefusal(request)) ?? error);
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
  void sendProblem(prepareAnswer(reply, request.id), request, asProblem(error));
}

export function sendProblem(reply: FastifyReply, request: FastifyRequest, problem: ApiProblem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({ ...problem.toJSON(), instance: `urn:livechannel:request:${request.id}` });
}

/** Fastify's own errors by their codes: https://fastify.dev/docs/latest/Reference/Errors/ */
function asProblem(error: unknown): ApiProblem {
  if (isProblem(error)) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map(({ instancePath, message = 'is not valid' }): RequestFault => ({
      path: instancePath
        .split('/')
        .filter((part) => part !== '')
        .join('.'),
      message,
    }));
    const where = error.validationContext ?? 'request';
    const first = errors[0];
    const detail = `${where}: ${first === undefined ? 'not valid' : `${first.path} ${first.message}`.trim()}`;
    return new ApiProblem('invalid-request', detail, { extensions: { errors } });
  }
  const { code = '', statusCode = 500, message = '' } = isFastifyError(error) ? error : {};
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || statusCode === 413)
    return new ApiProblem('too-large', message);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' || statusCode === 415)
    return new ApiProblem('unsupported-media-type', 'Send application/json.');
  if (statusCode >= 400 && statusCode < 500) return new ApiProblem('invalid-request', message);
  return new ApiProblem('internal', 'See the log of the service under the request id.', { cause: error });
}

function isFastifyError(
  error: unknown,
): error is { readonly code?: string; readonly statusCode?: number; readonly message: string } {
  return error instanceof Error || (typeof error === 'object' && error !== null && 'statusCode' in error);
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
