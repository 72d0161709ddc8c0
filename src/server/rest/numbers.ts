import { z } from 'zod';
import { alertFilters, alertViewSchema } from '../contract/alerts.ts';
import { channelIdSchema } from '../contract/channel-id.ts';
import { deliveryOptionsSchema } from '../contract/delivery-options.ts';
import { overviewSchema } from '../contract/overview.ts';
import { budgetViewSchema, costsQuerySchema, costsViewSchema, pricesViewSchema } from '../contract/costs.ts';
import { historyQuerySchema, momentSchema } from '../contract/history.ts';
import { metricPointSchema, metricsQuerySchema } from '../contract/metrics.ts';
import { pageCursorSchema } from '../contract/page-cursor.ts';
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
    url: '/v1/channels/:id/history',
    schema: {
      ...about(
        'numbers',
        'getHistory',
        'operate',
        'Get mode decisions and restarts of a channel',
        'At most 500, the newest ones.',
      ),
      params: channelParams,
      querystring: historyQuerySchema,
      response: {
        200: json(z.object({ items: z.array(momentSchema) }), 'Newest first.'),
        ...problemAnswers(...ofOneChannel),
      },
    },
    handler: async (request, reply) => {
      const items = await services.history(request.call, request.params.id, request.query);
      return reply.send({ items: [...items] });
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/channels/:id/delivery-options',
    schema: {
      ...about(
        'numbers',
        'getDeliveryOptions',
        'operate',
        'Get the ways in which buyers can watch, with price and delay',
        'At list price, or that of the price file.',
      ),
      params: channelParams,
      response: {
        200: json(deliveryOptionsSchema, 'One for each mode.'),
        ...problemAnswers(...ofOneChannel),
      },
    },
    handler: async (request, reply) =>
      reply.send(await services.deliveryOptions(request.call, request.params.id)),
  });

  app.route({
    method: 'GET',
    url: '/v1/overview',
    schema: {
      ...about(
        'numbers',
        'getOverview',
        'operate',
        'Get viewers, cost per hour, health and alerts of all channels now',
        'What is unknown is null, or left out of a sum and counted.',
      ),
      response: { 200: json(overviewSchema, 'At most some seconds old.'), ...problemAnswers() },
    },
    handler: async (request, reply) => reply.send(await services.overview(request.call)),
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
    url: '/v1/prices',
    schema: {
      ...about(
        'numbers',
        'getPrices',
        'operate',
        'Get the prices in use, and from how many viewers HLS costs less',
        'List prices, or those of the price file.',
      ),
      response: { 200: json(pricesViewSchema, 'US dollars per hour.'), ...problemAnswers() },
    },
    handler: async (request, reply) => reply.send(await services.prices(request.call)),
  });

  app.route({
    method: 'GET',
    url: '/v1/budgets',
    schema: {
      ...about('numbers', 'listBudgets', 'admin', 'List budgets of channels, and what is spent of them'),
      response: {
        200: json(z.object({ items: z.array(budgetViewSchema) }), 'The most spent share first.'),
        ...problemAnswers(),
      },
    },
    handler: async (request, reply) => reply.send({ items: [...(await services.budgets(request.call))] }),
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
        before: pageCursorSchema.optional(),
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
