import type { CallContext, Services } from '../service.ts';

/** What each procedure has: the service, and who calls it. */
export interface TrpcContext {
  readonly call: CallContext;
  readonly services: Services;
  /** Whether anybody may call what is public. */
  readonly publicPlayback: boolean;
}
