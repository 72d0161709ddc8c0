import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Scope, Services } from '../service.ts';

/** The server with zod schemas. */
export type TypedApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export type Routes = (app: TypedApp, services: Services) => void;

/** Path parameters: the app's id of a channel. */
export const channelParams = z.object({
  id: z.string().min(1).max(512).describe("The app's own id of the channel."),
});

/** Metadata of an operation for the OpenAPI document, in addition to its schemas. */
export function about(
  tag: 'channels' | 'relay' | 'playback' | 'numbers' | 'events',
  operationId: string,
  scope: Scope,
  summary: string,
  description = '',
): {
  readonly tags: string[];
  readonly operationId: string;
  readonly scope: Scope;
  readonly summary: string;
  readonly description: string;
  readonly security: Record<string, string[]>[];
} {
  const needs = `Scope: \`${scope}\`.`;
  return {
    tags: [tag],
    operationId,
    scope,
    summary,
    description: description === '' ? needs : `${description}\n\n${needs}`,
    security: [{ bearer: [] }],
  };
}
