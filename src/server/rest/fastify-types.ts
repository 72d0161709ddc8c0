import type { CallContext, Scope } from '../service.ts';

/** Holds the call of a request until the decorator `call` has it. */
export const callSymbol = Symbol('call');

/** What this service adds to Fastify's types: import this file for its side effect on them. */
declare module 'fastify' {
  interface FastifySchema {
    /** The required scope: a caller without it learns only that, and not what is wrong with its request. */
    readonly scope?: Scope;
  }
  interface FastifyContextConfig {
    /** Requires no credentials where public playback is enabled. */
    readonly public?: boolean;
    /** The response is a stream that lasts as long as the client listens. */
    readonly endless?: boolean;
    /** Never requires credentials. */
    readonly open?: boolean;
  }
  interface FastifyRequest {
    call: CallContext;
    [callSymbol]?: CallContext;
  }
}
