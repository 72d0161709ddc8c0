import { z } from 'zod';
import { alertCursorSchema, alertFilters, alertViewSchema } from '../contract/alerts.ts';
import { channelIdSchema } from '../contract/channel-id.ts';
import { costsQuerySchema, costsViewSchema } from '../contract/costs.ts';
import { metricPointSchema, metricsQuerySchema } from '../contract/metrics.ts';
import { platformViewSchema } from '../contract/platforms.ts';
import { usageQuerySchema, usageViewSchema } from '../contract/usage.ts';
import { json, ofOneChannel, problemAnswers } from './answers.ts';
import { about, channelParams, type Routes } from './routes.ts';

export const numberRoutes: Routes = (app, services) => {
  app.route({
    method: 'GET',
    url: '/v1/channels/:id/metrics',
    schema: {
      ...about(
        'numbers',
        'getMetrics',
        'operate',
        'Get viewers, bitrate and health over time',
        'Steps without samples are left out; values that are unknown are null.',
      ),
      params: channelParams,
      querystring: metricsQuerySchema,
      response: {
        200: json(z.object({ points: z.array(metricPointSchema) }), 'Sorted by time.'),
        ...problemAnswers(...ofOneChannel),
      },
    },
    handler: async (request, reply) => {
      const points = await services.metrics(request.call, request.params.id, request.query);
      return reply.send({ points });
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/usage',
    schema: {
      ...about(
        'numbers',
        'getUsage',
        'operate',
        'Get uptime and traffic, in total, by day and by channel',
        'Traffic to viewers is measured by the origin, and estimated for other platforms.',
      ),
      querystring: usageQuerySchema,
      response: { 200: json(usageViewSchema, 'Seconds, percent and bytes.'), ...problemAnswers() },
    },
    handler: async (request, reply) => reply.send(await services.usage(request.call, request.query)),
  });

  app.route({
    method: 'GET',
    url: '/v1/platforms',
    schema: {
      ...about('numbers', 'listPlatforms', 'operate', 'List streaming platforms and their state'),
      response: {
        200: json(z.object({ items: z.array(platformViewSchema) }), 'Sorted by name.'),
        ...problemAnswers(),
      },
    },
    handler: async (request, reply) => reply.send({ items: await services.platforms(request.call) }),
  });

  app.route({
    method: 'GET',
    url: '/v1/costs',
    schema: {
      ...about(
        'numbers',
        'getCosts',
        'admin',
        'Get costs, and what the same audience would have cost elsewhere',
      ),
      querystring: costsQuerySchema,
      response: { 200: json(costsViewSchema, 'In US dollars, exact to a millionth.'), ...problemAnswers() },
    },
    handler: async (request, reply) => reply.send(await services.costs(request.call, request.query)),
  });

  app.route({
    method: 'GET',
    url: '/v1/alerts',
    schema: {
      ...about(
        'numbers',
        'listAlerts',
        'operate',
        'List alerts',
        'Of channels, and of platforms: then `channelId` is null.',
      ),
      querystring: z.object({
        channelId: channelIdSchema.optional(),
        ...alertFilters,
        open: z.stringbool().optional().describe('true: only unresolved alerts.'),
        limit: z.coerce.number().int().min(1).max(500).default(100),
        before: alertCursorSchema.optional(),
      }),
      response: {
        200: json(
          z.object({ items: z.array(alertViewSchema), next: z.string().nullable() }),
          'Newest first.',
        ),
        ...problemAnswers(),
      },
    },
    handler: async (request, reply) => {
      const { items, next } = await services.alerts(request.call, request.query);
      return reply.send({ items, next: next ?? null });
    },
  });
};
