import { z } from 'zod';
import { channelSettingsSchema, channelViewSchema, createChannelSchema } from '../contract.ts';
import { empty, json, ofChanges, ofOneChannel, problemAnswers } from './answers.ts';
import { about, channelParams, type Routes } from './routes.ts';
import { relayStatusSchema, streamModeSchema } from '../../api/values.ts';

const pageSchema = z.object({
  items: z.array(channelViewSchema),
  next: z.string().nullable().describe('Give it as `after` for the next page; null on the last one.'),
});
const ifMatch = z.object({
  'if-match': z.string().optional().describe('The ETag of what the change was decided on; else 412.'),
});
export const addressOf = (id: string): string => `/v1/channels/${encodeURIComponent(id)}`;

export const channelRoutes: Routes = (app, services) => {
  app.route({
    method: 'POST',
    url: '/v1/channels',
    schema: {
      ...about(
        'channels',
        'createChannel',
        'operate',
        'Make a channel',
        'With an `Idempotency-Key`, a repeated request gives the same answer and makes nothing twice.',
      ),
      headers: z.object({ 'idempotency-key': z.string().min(1).max(255).optional() }),
      body: createChannelSchema,
      response: {
        201: json(channelViewSchema, 'It was made, by this request or by an earlier one with the same key.'),
        ...problemAnswers(
          ...ofChanges,
          'channel-exists',
          'name-conflict',
          'idempotency-key-reused',
          'platform-not-found',
        ),
      },
    },
    handler: async (request, reply) => {
      const key = request.headers['idempotency-key'];
      const { value, etag } = await services.createChannel(request.call, request.body, key);
      return reply
        .code(201)
        .headers({ location: addressOf(value.id), etag })
        .send(value);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/channels',
    schema: {
      ...about('channels', 'listChannels', 'operate', 'List channels'),
      querystring: z.object({
        limit: z.coerce.number().int().min(1).max(500).default(100),
        after: z.string().max(1_024).optional(),
        relayStatus: relayStatusSchema.optional(),
        platform: z.string().max(253).optional(),
        streamMode: streamModeSchema.optional(),
      }),
      response: {
        200: json(pageSchema, 'By name. The header Link leads to the next page.'),
        ...problemAnswers(),
      },
    },
    handler: async (request, reply) => {
      const { items, next } = await services.listChannels(request.call, request.query);
      if (next !== undefined) {
        const query = new URLSearchParams(request.url.split('?')[1] ?? '');
        query.set('after', next);
        void reply.header('link', `</v1/channels?${query.toString()}>; rel="next"`);
      }
      return reply.send({ items, next: next ?? null });
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/channels/:id',
    schema: {
      ...about('channels', 'getChannel', 'playback', 'Read a channel'),
      params: channelParams,
      headers: z.object({ 'if-none-match': z.string().optional() }),
      response: {
        200: json(channelViewSchema, 'The channel. Its ETag stands for the resource, not for viewer counts.'),
        304: empty('It is as it was.'),
        ...problemAnswers(...ofOneChannel),
      },
    },
    handler: async (request, reply) => {
      const { value, etag } = await services.channel(request.call, request.params.id);
      void reply.header('etag', etag);
      const known = request.headers['if-none-match'];
      return known !== undefined && namesEtag(known, etag) ? reply.code(304).send() : reply.send(value);
    },
  });

  app.route({
    method: 'PATCH',
    url: '/v1/channels/:id',
    schema: {
      ...about('channels', 'changeChannel', 'operate', 'Change a channel', 'What is not named stays.'),
      params: channelParams,
      headers: ifMatch,
      body: channelSettingsSchema,
      response: {
        200: json(channelViewSchema, 'The channel as it is now.'),
        ...problemAnswers(...ofOneChannel, ...ofChanges, 'precondition-failed', 'platform-not-found'),
      },
    },
    handler: async (request, reply) => {
      const { call, params, body, headers } = request;
      const { value, etag } = await services.changeChannel(call, params.id, body, headers['if-match']);
      return reply.header('etag', etag).send(value);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/channels/:id',
    schema: {
      ...about(
        'channels',
        'endChannel',
        'operate',
        'End a channel',
        'Its relay stops and its stream is deleted, as its deletionPolicy says. `deleting` is true until it is gone.',
      ),
      params: channelParams,
      headers: ifMatch,
      response: {
        202: empty('It is being taken down.'),
        ...problemAnswers(...ofOneChannel, ...ofChanges, 'precondition-failed'),
      },
    },
    handler: async (request, reply) => {
      const { call, params, headers } = request;
      await services.endChannel(call, params.id, headers['if-match']);
      return reply.code(202).send();
    },
  });
};

/** RFC 9110, 13.1.2: "*", or a list that is compared weakly; proxies that compress make ETags weak. */
function namesEtag(header: string, etag: string): boolean {
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  return header.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag));
}
