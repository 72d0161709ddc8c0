import type { FastifyRequest } from 'fastify';
import { isProblem, type ApiProblem } from '../problems.ts';
import { requireScope } from '../services/permissions.ts';
import type {} from './fastify-types.ts';

/** The problem of a caller without the required scope, for requests that fail before they reach the services. */
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
