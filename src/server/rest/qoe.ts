import type { FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { parseJson } from '../../base/parse-json.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import { isTicket } from '../auth/tickets/ticket-tokens.ts';
import {
  QOE_BODY_BYTES,
  qoeAnswerSchema,
  qoeQuerySchema,
  qoeRequestSchema,
  qoeViewSchema,
} from '../contract/qoe.ts';
import { ApiProblem } from '../problems.ts';
import type { Services } from '../service.ts';
import { json, ofOneChannel, problemAnswers } from './answers.ts';
import { about, channelParams, type TypedApp } from './routes.ts';
import { deviceOf } from './user-agent.ts';

/** Reports of players, and what they add up to. */
export async function qoeRoutes(
  app: TypedApp,
  services: Services,
  authenticate: Authenticate,
): Promise<void> {
  // In a scope of its own, because nothing else accepts text/plain.
  await app.register(async (scope) => {
    // A browser sends a beacon to another origin without a preflight only as text/plain.
    scope.addContentTypeParser<string>('text/plain', { parseAs: 'string' }, (_request, body, done) => {
      const report = parseJson(body);
      if (report === undefined) done(new ApiProblem('invalid-request', 'The body is not JSON.'));
      else done(null, report);
    });
    scope.withTypeProvider<ZodTypeProvider>().route({
      method: 'POST',
      url: '/v1/channels/:id/qoe',
      bodyLimit: QOE_BODY_BYTES,
      config: { public: true },
      // Before the body is validated, so that a fault of it is explained to callers only that may report.
      preValidation: async (request) => {
        await authenticateByBody(request, authenticate);
      },
      schema: {
        ...about(
          'playback',
          'reportQoe',
          'playback',
          'Report what a player measured',
          'Every 10 s in the first minute, then every 30 s, and once at the end; up to 20 reports a minute of one player. A report at the end of a page, by `navigator.sendBeacon`, has the type text/plain and its ticket in the body. Reports are added up by minute, and not kept.',
        ),
        params: channelParams,
        body: qoeRequestSchema,
        response: {
          200: json(qoeAnswerSchema, 'Added, or a repetition.'),
          ...problemAnswers(...ofOneChannel, 'too-large'),
        },
      },
      handler: async (request, reply) => {
        const { ticket: _, ua = deviceOf(request.headers['user-agent']), ...report } = request.body;
        const answer = await services.reportQoe(request.call, request.params.id, { ...report, ua });
        return reply.header('cache-control', 'no-store').send(answer);
      },
    });
  });

  app.route({
    method: 'GET',
    url: '/v1/channels/:id/qoe',
    schema: {
      ...about(
        'numbers',
        'getQoe',
        'operate',
        'Get the quality of playback',
        'By step, platform and browser; without a period, the last hour by minute. Figures of fewer than three players are null. Without a database: the last hour, as far as players reported to this replica of the service since it started.',
      ),
      params: channelParams,
      querystring: qoeQuerySchema,
      response: {
        200: json(qoeViewSchema, 'Percentiles are those of histograms.'),
        ...problemAnswers(...ofOneChannel),
      },
    },
    handler: async (request, reply) =>
      reply
        .header('cache-control', 'no-store')
        .send(await services.qoe(request.call, request.params.id, request.query)),
  });
}

/** Only tickets: whatever else authenticates does not belong into a browser. */
async function authenticateByBody(request: FastifyRequest, authenticate: Authenticate): Promise<void> {
  const { body, headers, call, ip } = request;
  if (headers.authorization !== undefined || typeof body !== 'object' || body === null) return;
  if (!('ticket' in body) || typeof body.ticket !== 'string' || !isTicket(body.ticket)) return;
  call.caller = await authenticate({ authorization: `Bearer ${body.ticket}` }, call, ip);
}
