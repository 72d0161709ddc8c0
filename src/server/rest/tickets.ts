import { ticketRequestSchema, ticketViewSchema } from '../contract/tickets.ts';
import { json, ofChanges, problemAnswers } from './answers.ts';
import { about, channelParams, type Routes } from './routes.ts';

export const ticketRoutes: Routes = (app, services) => {
  app.route({
    method: 'POST',
    url: '/v1/channels/:id/tickets',
    schema: {
      ...about(
        'playback',
        'createTicket',
        'operate',
        'Create a ticket for a browser',
        'A ticket allows one user to watch one channel, or a seller to follow it, for a limited time. The channel need not exist yet.',
      ),
      params: channelParams,
      body: ticketRequestSchema,
      response: {
        201: json(ticketViewSchema, 'Pass it to the page of this user only.'),
        ...problemAnswers(...ofChanges, 'tickets-not-set-up'),
      },
    },
    handler: async (request, reply) => {
      const view = await services.createTicket(request.call, request.params.id, request.body);
      return reply.code(201).header('cache-control', 'no-store').send(view);
    },
  });
};
