import { z } from 'zod';
import { agoraTokenRequestSchema, agoraTokenViewSchema, audienceReportSchema } from '../contract/agora.ts';
import { feedbackReportSchema } from '../contract/feedback.ts';
import { playbackViewSchema } from '../contract/playback.ts';
import { empty, json, ofChanges, ofOneChannel, problemAnswers } from './answers.ts';
import { about, channelParams, type Routes } from './routes.ts';

export const playbackRoutes: Routes = (app, services) => {
  app.route({
    method: 'GET',
    url: '/v1/channels/:id/playback',
    config: { public: true },
    schema: {
      ...about(
        'playback',
        'getPlayback',
        'playback',
        'Get the playback URL',
        'Resumes a relay that is idle because it had no viewers. With `?redirect=1` this address itself can be used as a playback URL: it redirects to the current one, also after a migration.',
      ),
      params: channelParams,
      querystring: z.object({
        redirect: z.enum(['0', '1', 'true', 'false']).optional(),
        viewer: z.string().min(1).max(128).optional().describe('Id of the viewer, for a signed URL.'),
      }),
      response: {
        200: json(playbackViewSchema, 'The playback URL.'),
        302: empty('Redirect to the playback URL, with ?redirect=1.'),
        ...problemAnswers(...ofOneChannel, 'agora-only', 'stream-not-ready', 'cannot-sign'),
      },
    },
    handler: async (request, reply) => {
      const { redirect, viewer } = request.query;
      const view = await services.playback(request.call, request.params.id, viewer);
      void reply.header('cache-control', 'no-store');
      return redirect === '1' || redirect === 'true' ? reply.redirect(view.hlsUrl, 302) : reply.send(view);
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/channels/:id/agora-token',
    schema: {
      ...about('playback', 'makeAgoraToken', 'operate', 'Create a token for the Agora channel'),
      params: channelParams,
      body: agoraTokenRequestSchema,
      response: {
        200: json(agoraTokenViewSchema, 'Valid for this uid and role only.'),
        ...problemAnswers(...ofOneChannel, ...ofChanges, 'hls-only', 'agora-not-set-up'),
      },
    },
    handler: async (request, reply) => {
      const view = await services.agoraToken(request.call, request.params.id, request.body);
      return reply.header('cache-control', 'no-store').send(view);
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/channels/:id/audience',
    schema: {
      ...about(
        'playback',
        'reportAudience',
        'operate',
        'Report the number of viewers on Agora',
        'Agora does not report the audience to the relay, so the app does, about every 30 seconds. `streamMode: auto` and costs need it.',
      ),
      params: channelParams,
      body: audienceReportSchema,
      response: { 204: empty('Recorded.'), ...problemAnswers(...ofOneChannel, ...ofChanges) },
    },
    handler: async (request, reply) => {
      await services.reportAudience(request.call, request.params.id, request.body.agoraViewers);
      return reply.code(204).send();
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/channels/:id/feedback',
    config: { public: true },
    schema: {
      ...about(
        'playback',
        'sendFeedback',
        'playback',
        'Report that a viewer complains',
        'Counted in the metric livechannel_viewer_complaints_total: one viewer once a minute for each kind. What the player measures is logged.',
      ),
      params: channelParams,
      body: feedbackReportSchema,
      response: { 204: empty('Counted, or a repetition.'), ...problemAnswers(...ofOneChannel) },
    },
    handler: async (request, reply) => {
      await services.feedback(request.call, request.params.id, request.body);
      return reply.code(204).send();
    },
  });
};
