import type { FastifyRequest } from 'fastify';
import { isProblem, type ApiProblem } from '../problems.ts';
import { requireScope } from '../services/permissions.ts';
import type {} from './calls.ts';
import type {} from './routes.ts';

/** What the services would answer somebody who may not, for a request that is not good enough to come to them. */
export function scopeRefusal({ call, routeOptions: { schema } }: FastifyRequest): ApiProblem | undefined {
  if (schema?.scope === undefined) return undefined;
  try {
    requireScope(call.caller, schema.scope);
    return undefined;
  } catch (refusal) {
    if (isProblem(refusal)) return refusal;
    throw refusal;
  }
}
