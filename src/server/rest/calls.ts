import type { FastifyInstance, FastifyReply } from 'fastify';
import { anonymous, withPublicPlayback, type Authenticate } from '../auth/authenticate.ts';
import type { CallContext, Caller } from '../service.ts';
import { codedBody, isCoded } from './body-coding.ts';
import { RestCall } from './rest-call.ts';
import { scopeRefusal } from './scope-refusal.ts';
import { callSymbol } from './fastify-types.ts';

export interface CallOptions {
  readonly authenticate: Authenticate;
  readonly publicPlayback: boolean;
  readonly requestMs: number;
}

/** The call of a request before it is authenticated. */
const anonymousCall: CallContext = { caller: anonymous, requestId: '', signal: new AbortController().signal };

/** Attaches a call to each request: the caller, the request id, and a signal that aborts when the client disconnects. */
export function prepareCalls(app: FastifyInstance, options: CallOptions): void {
  const { authenticate, publicPlayback, requestMs } = options;
  app.decorateRequest('call', {
    getter() {
      return this[callSymbol] ?? anonymousCall;
    },
    setter(call: CallContext) {
      this[callSymbol] = call;
    },
  });
  // With callbacks, because most callers are cached: promises would take longer than the rest of the hook.
  app.addHook('onRequest', (request, reply, done) => {
    prepareAnswer(reply, request.id);
    const { config } = request.routeOptions;
    if (config.open === true || request.is404) {
      done();
      return;
    }
    const call = new RestCall(request.id, reply.raw, config.endless === true ? undefined : requestMs);
    request.call = call;
    const { authorization } = request.headers;
    const admit = (known: Caller): void => {
      call.caller = publicPlayback && config.public === true ? withPublicPlayback(known) : known;
      if (isCoded(request.headers)) done(scopeRefusal(request) ?? codedBody());
      else done();
    };
    const known = authenticate({ authorization }, call, request.ip);
    if ('subject' in known) admit(known);
    else known.then(admit, done);
  });
}

/** Headers of every response. */
export function prepareAnswer(reply: FastifyReply, requestId: string): FastifyReply {
  return reply
    .header('x-request-id', requestId)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer');
}
