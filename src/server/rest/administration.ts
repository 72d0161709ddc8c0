import { z } from 'zod';
import {
  apiKeyIdSchema,
  apiKeyRequestSchema,
  apiKeyViewSchema,
  createdApiKeySchema,
} from '../contract/api-keys.ts';
import { auditEntryViewSchema, auditFilters } from '../contract/audit.ts';
import { channelIdSchema } from '../contract/channel-id.ts';
import { pageCursorSchema } from '../contract/page-cursor.ts';
import { empty, json, problemAnswers } from './answers.ts';
import { about, type Routes } from './routes.ts';

export const administrationRoutes: Routes = (app, services) => {
  app.route({
    method: 'GET',
    url: '/v1/audit',
    schema: {
      ...about('administration', 'listAudit', 'admin', 'List who changed what'),
      querystring: z.object({
        channelId: channelIdSchema.optional(),
        ...auditFilters,
        limit: z.coerce.number().int().min(1).max(500).default(100),
        before: pageCursorSchema.optional(),
      }),
      response: {
        200: json(
          z.object({ items: z.array(auditEntryViewSchema), next: z.string().nullable() }),
          'Newest first. An entry appears about a second after the change.',
        ),
        ...problemAnswers(),
      },
    },
    handler: async (request, reply) => {
      const { items, next } = await services.audit(request.call, request.query);
      return reply.header('cache-control', 'no-store').send({ items, next: next ?? null });
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/api-keys',
    schema: {
      ...about('administration', 'listApiKeys', 'admin', 'List API keys, without their secrets'),
      response: {
        200: json(
          z.object({ items: z.array(apiKeyViewSchema) }),
          'Oldest first, those that are revoked included.',
        ),
        ...problemAnswers(),
      },
    },
    handler: async (request, reply) =>
      reply.header('cache-control', 'no-store').send({ items: await services.apiKeys(request.call) }),
  });

  app.route({
    method: 'POST',
    url: '/v1/api-keys',
    schema: {
      ...about(
        'administration',
        'createApiKey',
        'admin',
        'Create an API key',
        'The answer is the only one that contains it.',
      ),
      body: apiKeyRequestSchema,
      response: {
        201: json(createdApiKeySchema, 'Store the key now.'),
        ...problemAnswers('too-large', 'unsupported-media-type'),
      },
    },
    handler: async (request, reply) =>
      reply
        .code(201)
        .header('cache-control', 'no-store')
        .send(await services.createApiKey(request.call, request.body)),
  });

  app.route({
    method: 'DELETE',
    url: '/v1/api-keys/:keyId',
    schema: {
      ...about(
        'administration',
        'revokeApiKey',
        'admin',
        'Revoke an API key',
        'It is refused within 5 seconds, and so are the sessions that began with it. Can be repeated.',
      ),
      params: z.object({ keyId: apiKeyIdSchema }),
      response: { 204: empty('Revoked, now or before.'), ...problemAnswers('api-key-not-found') },
    },
    handler: async (request, reply) => {
      await services.revokeApiKey(request.call, request.params.keyId);
      return reply.code(204).send();
    },
  });
};
