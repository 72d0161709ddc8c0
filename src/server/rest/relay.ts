import { z } from 'zod';
import { relayViewSchema } from '../contract/relay-view.ts';
import { empty, json, ofChanges, ofOneChannel, problemAnswers } from './answers.ts';
import { about, channelParams, type Routes } from './routes.ts';

export const relayRoutes: Routes = (app, services) => {
  app.route({
    method: 'PUT',
    url: '/v1/channels/:id/relay',
    schema: {
      ...about(
        'relay',
        'startRelay',
        'operate',
        'Put a channel on air',
        'Creates the channel if it does not exist. Responds as soon as the stream has a playback URL; media follows some seconds later.',
      ),
      params: channelParams,
      response: {
        202: json(z.object({ playbackUrl: z.url() }), 'The channel is going on air, or is on air already.'),
        ...problemAnswers(...ofChanges, 'stream-not-ready', 'agora-only', 'name-conflict'),
      },
    },
    handler: async (request, reply) =>
      reply.code(202).send(await services.startRelay(request.call, request.params.id)),
  });

  app.route({
    method: 'DELETE',
    url: '/v1/channels/:id/relay',
    schema: {
      ...about(
        'relay',
        'stopRelay',
        'operate',
        'Take a channel off air',
        'Its stream and playback URL are kept.',
      ),
      params: channelParams,
      response: {
        202: empty('The channel is going off air.'),
        ...problemAnswers(...ofOneChannel, ...ofChanges),
      },
    },
    handler: async (request, reply) => {
      await services.stopRelay(request.call, request.params.id);
      return reply.code(202).send();
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/channels/:id/relay',
    config: { public: true },
    schema: {
      ...about('relay', 'getRelay', 'playback', 'Get the state of the relay'),
      params: channelParams,
      response: { 200: json(relayViewSchema, 'The current state.'), ...problemAnswers(...ofOneChannel) },
    },
    handler: async (request, reply) => reply.send(await services.relay(request.call, request.params.id)),
  });
};
