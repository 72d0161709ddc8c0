import type { FastifyRequest } from 'fastify';
import { isProblem, type ApiProblem } from '../problems.ts';
import { requireScope } from '../services/permissions.ts';
import { admitted } from '../services/ticket-permissions.ts';
import { ticketOperations } from './ticket-operations.ts';
import type {} from './fastify-types.ts';

/** The problem of a caller without the required scope, for requests that fail before they reach the services. */
export function scopeRefusal({ call, params, routeOptions }: FastifyRequest): ApiProblem | undefined {
  const { schema } = routeOptions;
  if (schema?.scope === undefined) return undefined;
  const operation = ticketOperations.get(schema.operationId ?? '');
  try {
    requireScope(
      operation === undefined ? call.caller : admitted(call.caller, operation, idIn(params)),
      schema.scope,
    );
    return undefined;
  } catch (refusal) {
    if (isProblem(refusal)) return refusal;
    throw refusal;
  }
}

function idIn(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null || !('id' in params)) return undefined;
  return typeof params.id === 'string' ? params.id : undefined;
}
