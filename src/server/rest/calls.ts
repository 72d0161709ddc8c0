import type { FastifyInstance, FastifyReply } from 'fastify';
import { anonymous, type Authenticate } from '../auth/authenticate.ts';
import type { CallContext, Caller } from '../service.ts';
import { codedBody, isCoded } from './body-coding.ts';
import { RestCall } from './rest-call.ts';
import { scopeRefusal } from './scope-refusal.ts';

const own = Symbol('call');

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Anybody may, where the settings say so. */
    readonly public?: boolean;
    /** It goes on for as long as the caller listens. */
    readonly endless?: boolean;
    /** Health: for the kubelet, nobody is asked for. */
    readonly open?: boolean;
  }
  interface FastifyRequest {
    call: CallContext;
    [own]?: CallContext;
  }
}

export interface CallOptions {
  readonly authenticate: Authenticate;
  readonly publicPlayback: boolean;
  readonly requestMs: number;
}

const nobody: CallContext = { caller: anonymous, requestId: '', signal: new AbortController().signal };
/** Where it is switched on, whoever has no credentials may what a page of buyers needs. */
const somebody: Caller = { ...anonymous, scope: 'playback' };

/** Gives each request its call: who asks, its id, and a signal for when nobody waits for the answer any more. */
export function prepareCalls(app: FastifyInstance, options: CallOptions): void {
  const { authenticate, publicPlayback, requestMs } = options;
  app.decorateRequest('call', {
    getter() {
      return this[own] ?? nobody;
    },
    setter(call: CallContext) {
      this[own] = call;
    },
  });
  // With callbacks, as most callers are known already: promises would take longer than everything else that is done.
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
      const isPublic = known.scope === undefined && config.public === true && publicPlayback;
      call.caller = isPublic ? somebody : known;
      if (isCoded(request.headers)) done(scopeRefusal(request) ?? codedBody());
      else done();
    };
    const known = authenticate({ authorization }, call, request.ip);
    if ('subject' in known) admit(known);
    else known.then(admit, done);
  });
}

/** What every answer says. */
export function prepareAnswer(reply: FastifyReply, requestId: string): FastifyReply {
  return reply
    .header('x-request-id', requestId)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer');
}
