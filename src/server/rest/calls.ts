import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import { anonymous, withPublicPlayback, type Authenticate } from '../auth/authenticate.ts';
import { crossSiteProblem } from '../auth/sessions/same-origin.ts';
import { HttpCall, rejectedCall, type OpenCall } from '../http-call.ts';
import type { Caller } from '../service.ts';
import { codedBody, isCoded } from './body-coding.ts';
import { scopeRefusal } from './scope-refusal.ts';
import { callSymbol } from './fastify-types.ts';

export interface CallOptions {
  readonly authenticate: Authenticate;
  readonly publicPlayback: boolean;
  /** Timeout of a call; event streams have none. */
  readonly requestMs: number;
  readonly clock: Pick<Clock, 'monotonic' | 'schedule'>;
}

/** Attaches a call to each request: the caller, the request id, and a signal that aborts when the client disconnects. */
export function prepareCalls(app: FastifyInstance, options: CallOptions): void {
  const { authenticate, publicPlayback, requestMs, clock } = options;
  app.decorateRequest('call', {
    getter() {
      return this[callSymbol] ?? rejectedCall;
    },
    setter(call: OpenCall) {
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
    const call = new HttpCall(request.id, reply.raw, clock, request.ip);
    if (config.endless !== true) call.limit(requestMs);
    request.call = call;
    const admit = (known: Caller): void => {
      let caller = known;
      if (caller.session === true) {
        const problem = crossSiteProblem(request);
        // What is public is not authenticated by the session where a page may send it from anywhere, as players do.
        if (problem !== undefined && config.public === true) caller = anonymous;
        else if (problem !== undefined) {
          done(problem);
          return;
        }
      }
      call.caller = publicPlayback && config.public === true ? withPublicPlayback(caller) : caller;
      if (isCoded(request.headers)) done(scopeRefusal(request) ?? codedBody());
      else done();
    };
    const known = authenticate(request.headers, call, request.ip);
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
