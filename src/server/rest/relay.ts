import { startedRelaySchema } from '../contract/playback.ts';
import { startRelaySchema } from '../contract/relay-start.ts';
import { relayStateSchema } from '../contract/relay-view.ts';
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
        'Creates the channel if it does not exist. Responds as soon as the stream has a playback URL; media follows some seconds later. A body is optional.',
      ),
      params: channelParams,
      body: startRelaySchema.nullish(),
      response: {
        202: json(
          startedRelaySchema,
          'The channel is going on air, or is on air already. The URL of a channel with signed playback is signed; where the service cannot sign, playbackProblem says why.',
        ),
        ...problemAnswers(
          ...ofChanges,
          'stream-not-ready',
          'agora-only',
          'name-conflict',
          'relay-running',
          'agora-token-not-accepted',
          'agora-token-rejected',
        ),
      },
    },
    handler: async (request, reply) =>
      reply
        .code(202)
        .header('cache-control', 'no-store')
        .send(await services.startRelay(request.call, request.params.id, request.body ?? {})),
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
        'Its stream and playback URL are kept. Succeeds as well if the relay is stopped already, or if the channel does not exist.',
      ),
      params: channelParams,
      response: {
        202: empty('The channel is going off air, or is off air already.'),
        ...problemAnswers(...ofChanges),
      },
    },
    handler: async (request, reply) => {
      await services.stopRelay(request.call, request.params.id);
      return reply.code(202).send();
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/channels/:id/rotate-key',
    schema: {
      ...about(
        'relay',
        'rotateStreamKey',
        'operate',
        'Request another stream key',
        'The platform creates it within seconds, and the previous key is not valid from then on. The relay reconnects: viewers may notice a moment. The playback URL stays.',
      ),
      params: channelParams,
      response: {
        202: empty('Requested. The condition of the channel and its Kubernetes events tell the result.'),
        ...problemAnswers(...ofOneChannel, ...ofChanges, 'cannot-rotate-key'),
      },
    },
    handler: async (request, reply) => {
      await services.rotateStreamKey(request.call, request.params.id);
      return reply.code(202).send();
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/channels/:id/relay',
    config: { public: true },
    schema: {
      ...about(
        'relay',
        'getRelay',
        'playback',
        'Get the state of the relay',
        'A channel that does not exist has a relay that is stopped, and channelExists false.',
      ),
      params: channelParams,
      response: { 200: json(relayStateSchema, 'The current state.'), ...problemAnswers() },
    },
    handler: async (request, reply) => reply.send(await services.relay(request.call, request.params.id)),
  });
};
