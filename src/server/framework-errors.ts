import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { errorMessage } from '../base/error-text.ts';
import { ApiProblem, internalProblem, isProblem, type RequestFault } from './problems.ts';

/**
 * The problem for an error that Fastify hands to an error handler, of REST or tRPC. Fastify's own errors have a status:
 * https://fastify.dev/docs/latest/Reference/Errors/
 */
export function frameworkProblem(error: unknown): ApiProblem {
  if (isProblem(error)) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map(({ instancePath, message = 'is not valid' }): RequestFault => ({
      path: instancePath
        .split('/')
        .filter((part) => part !== '')
        .join('.'),
      message,
    }));
    const where = error.validationContext ?? 'request';
    const first = errors[0];
    const detail = `${where}: ${first === undefined ? 'not valid' : `${first.path} ${first.message}`.trim()}`;
    return new ApiProblem('invalid-request', detail, { extensions: { errors } });
  }
  const status = statusOf(error);
  if (status === 413) return new ApiProblem('too-large', errorMessage(error));
  if (status === 415) return new ApiProblem('unsupported-media-type', 'Send application/json.');
  if (status >= 400 && status < 500) return new ApiProblem('invalid-request', errorMessage(error));
  return internalProblem(error);
}

function statusOf(error: unknown): number {
  const known = typeof error === 'object' && error !== null && 'statusCode' in error;
  return known && typeof error.statusCode === 'number' ? error.statusCode : 500;
}
