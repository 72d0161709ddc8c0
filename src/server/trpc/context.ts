import type { CallContext, Services } from '../service.ts';

/** Context of each procedure: the services, and the call. */
export interface TrpcContext {
  readonly call: CallContext;
  readonly services: Services;
  /** Whether public procedures require no credentials. */
  readonly publicPlayback: boolean;
}
