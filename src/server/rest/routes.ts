import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { channelIdTextSchema } from '../contract/channel-id.ts';
import type { Scope, Services } from '../service.ts';
import { ticketAccess } from '../services/ticket-permissions.ts';
import { ticketOperations } from './ticket-operations.ts';

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
  id: channelIdTextSchema.describe("The app's own id of the channel."),
});

const ticketHolders = {
  buyer: 'any, of this channel',
  seller: "a seller's, of this channel",
  start: "a seller's with the grant `start`, of this channel",
  stop: "a seller's with the grant `stop`, of this channel",
  none: 'none',
} as const;

/** Metadata of an operation for the OpenAPI document, in addition to its schemas. */
export function about(
  tag: 'channels' | 'relay' | 'playback' | 'numbers' | 'events' | 'administration',
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
  const operation = ticketOperations.get(operationId);
  const ticket = operation === undefined ? '' : ` Ticket: ${ticketHolders[ticketAccess[operation]]}.`;
  const needs = `Scope: \`${scope}\`.${ticket}`;
  return {
    tags: [tag],
    operationId,
    scope,
    summary,
    description: description === '' ? needs : `${description}\n\n${needs}`,
    security: [{ bearer: [] }, ...(operation === undefined ? [] : [{ ticket: [] }])],
  };
}
