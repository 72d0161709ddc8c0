import type { OpenCall } from '../http-call.ts';
import type { Scope } from '../service.ts';

/** Key under which a request holds the value of its decorator `call`. */
export const callSymbol = Symbol('call');

/** Additions to Fastify's types. Import this file for its side effect on them. */
declare module 'fastify' {
  interface FastifySchema {
    /** The required scope. Without it, a caller receives only that error, and none about the rest of its request. */
    readonly scope?: Scope;
  }
  interface FastifyContextConfig {
    /** Requires no credentials if public playback is enabled. */
    readonly public?: boolean;
    /** The response is an event stream, to which the request timeout does not apply. */
    readonly endless?: boolean;
    /** Never requires credentials. */
    readonly open?: boolean;
  }
  interface FastifyRequest {
    call: OpenCall;
    [callSymbol]?: OpenCall;
  }
}
