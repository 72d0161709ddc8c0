import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { anonymous, type Authenticate } from '../auth/authenticate.ts';
import { Problem } from '../problems.ts';
import type { CallContext, Caller } from '../service.ts';

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
  const calls = new WeakMap<FastifyRequest, CallContext>();
  app.decorateRequest('call', {
    getter(this: FastifyRequest) {
      return calls.get(this) ?? nobody;
    },
    setter(this: FastifyRequest, call: CallContext) {
      calls.set(this, call);
    },
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    const { config } = request.routeOptions;
    if (config.open === true || request.is404) return;
    const signal = endOf(reply, config.endless === true ? undefined : requestMs);
    const { authorization } = request.headers;
    const known = await authenticate({ authorization }, signal, request.ip);
    const caller = known.scope === undefined && config.public === true && publicPlayback ? somebody : known;
    request.call = { caller, requestId: request.id, signal };
  });
}

function endOf(reply: FastifyReply, limitMs: number | undefined): AbortSignal {
  const controller = new AbortController();
  const timer =
    limitMs === undefined
      ? undefined
      : setTimeout(() => controller.abort(new Problem('timeout', 'It took too long.')), limitMs);
  reply.raw.once('close', () => {
    clearTimeout(timer);
    if (!reply.raw.writableFinished) controller.abort(new Problem('timeout', 'The caller has gone.'));
  });
  return controller.signal;
}
