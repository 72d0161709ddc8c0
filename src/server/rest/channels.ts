import { z } from 'zod';
import { channelChangeSchema, createChannelSchema } from '../contract/channel-settings.ts';
import { channelViewSchema } from '../contract/channel-view.ts';
import { modeChangeResultSchema, modeChangeSchema } from '../contract/modes.ts';
import { empty, json, ofChanges, ofOneChannel, problemAnswers } from './answers.ts';
import { about, channelParams, type Routes } from './routes.ts';
import { relayStatusSchema, streamModeSchema } from '../../api/values.ts';

const pageSchema = z.object({
  items: z.array(channelViewSchema),
  next: z.string().nullable().describe('Pass it as `after` for the next page; null on the last page.'),
});
const ifMatch = z.object({
  'if-match': z
    .string()
    .optional()
    .describe('ETag of the version that the change is based on; 412 if the channel has changed.'),
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
        'Create a channel',
        'With an `Idempotency-Key`, a repeated request returns the same response and creates nothing twice.',
      ),
      headers: z.object({ 'idempotency-key': z.string().min(1).max(255).optional() }),
      body: createChannelSchema,
      response: {
        201: json(channelViewSchema, 'Created, by this request or by an earlier one with the same key.'),
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
    method: 'PATCH',
    url: '/v1/channels',
    schema: {
      ...about(
        'channels',
        'changeModes',
        'operate',
        'Change the mode of many channels',
        'HLS goes on until its viewers have had time to leave; events announce the change. Can be repeated.',
      ),
      body: modeChangeSchema,
      response: { 200: json(modeChangeResultSchema, 'All channels were tried.'), ...problemAnswers() },
    },
    handler: async (request, reply) => reply.send(await services.changeModes(request.call, request.body)),
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
        200: json(pageSchema, 'Sorted by name. The header Link has the next page.'),
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
        200: json(channelViewSchema, 'The channel. Its ETag covers the resource, not viewer counts.'),
        304: empty('Not modified.'),
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
      ...about(
        'channels',
        'changeChannel',
        'operate',
        'Change a channel',
        'Settings and labels that are not in the body are kept.',
      ),
      params: channelParams,
      headers: ifMatch,
      body: channelChangeSchema,
      response: {
        200: json(channelViewSchema, 'The channel after the change.'),
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
        'Delete a channel',
        'Its relay stops and its stream is deleted or retained, according to its deletionPolicy. `deleting` is true until it is gone.',
      ),
      params: channelParams,
      headers: ifMatch,
      response: {
        202: empty('The deletion has started.'),
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
