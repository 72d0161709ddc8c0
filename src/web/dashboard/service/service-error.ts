import { TRPCClientError } from '@trpc/client';
import { z } from 'zod';

/** What the page does differs by kind: log in again, say that the scope is missing, try again later. */
export type ServiceErrorKind = 'signed-out' | 'not-allowed' | 'not-found' | 'unreachable' | 'refused';

/** A call of the service that failed, in words for the page. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly kind: ServiceErrorKind;
  /** What the service says is wrong, and what to do; undefined if it did not answer in a form that is known. */
  readonly detail: string | undefined;

  constructor(kind: ServiceErrorKind, detail?: string, options?: ErrorOptions) {
    super(detail ?? kind, options);
    this.kind = kind;
    this.detail = detail;
  }
}

/** Longer than any detail that the service returns. */
const LONGEST_DETAIL = 2_000;
const detail = z.string().transform((text) => text.slice(0, LONGEST_DETAIL));
const trpcData = z.object({ httpStatus: z.int(), problem: z.object({ detail }) });
const problemBody = z.object({ detail });

export function kindOf(status: number): ServiceErrorKind {
  if (status === 401) return 'signed-out';
  if (status === 403) return 'not-allowed';
  if (status === 404) return 'not-found';
  return status === 503 || status === 504 ? 'unreachable' : 'refused';
}

/** The error for what tRPC's client throws: an answer of the service, or a connection that failed. */
export function fromTrpc(error: unknown): unknown {
  if (!(error instanceof TRPCClientError)) return error;
  const answer = trpcData.safeParse(error.data);
  if (!answer.success) return new ServiceError('unreachable', undefined, { cause: error });
  const { httpStatus, problem } = answer.data;
  return new ServiceError(kindOf(httpStatus), problem.detail, { cause: error });
}

/** The error for a refused request of REST, whose body is problem+json. */
export function fromResponse(status: number, body: unknown): ServiceError {
  return new ServiceError(kindOf(status), problemBody.safeParse(body).data?.detail);
}
