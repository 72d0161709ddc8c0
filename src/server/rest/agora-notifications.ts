import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { AgoraNotifications } from '../agora-notifications/receiver.ts';
import { notificationSchema } from '../agora-notifications/notification.ts';
import { problemAnswers, json } from './answers.ts';
import { codedBody, isCoded } from './body-coding.ts';
import type { TypedApp } from './routes.ts';

/** Agora's notifications have a few hundred bytes. */
const BODY_LIMIT_BYTES = 16_384;

/**
 * The webhook of Agora's notifications. It is registered in a context of its own for the content type, because the
 * signature is over the bytes of the body.
 */
export async function agoraNotificationRoutes(
  app: TypedApp,
  notifications: AgoraNotifications,
): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser<Buffer>(
      'application/json',
      { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES },
      (_request, body, done) => {
        done(null, body);
      },
    );
    scope.route({
      method: 'POST',
      url: '/v1/agora/notifications',
      // The receiver has a limit of its own, for signed notifications alone.
      config: { open: true, rateLimit: false },
      bodyLimit: BODY_LIMIT_BYTES,
      // The receiver checks the signature first, then the body.
      validatorCompiler: () => (value: unknown) => ({ value }),
      schema: {
        tags: ['notifications'],
        operationId: 'receiveAgoraNotification',
        summary: "Receive a notification of Agora's about a channel",
        description:
          'For Agora, not for apps. Authenticated by the header Agora-Signature-V2 (or Agora-Signature) instead of credentials. Every status but 200 makes Agora repeat the notification.',
        security: [],
        headers: z.object({
          'agora-signature': z.string().optional().describe('HMAC-SHA-1 of the body, in hexadecimal digits.'),
          'agora-signature-v2': z.string().optional().describe('HMAC-SHA-256 of the body, likewise.'),
        }),
        body: notificationSchema,
        response: {
          200: json(
            z.strictObject({}),
            'The notification, and what it causes, are stored, or it is ignored.',
          ),
          ...problemAnswers(
            'agora-notifications-disabled',
            'kubernetes-unavailable',
            'channel-ending',
            'conflict',
            'too-large',
            'unsupported-media-type',
          ),
        },
      },
      handler: async (request, reply) => {
        if (isCoded(request.headers)) throw codedBody();
        const { body, headers }: { body: unknown; headers: IncomingHttpHeaders } = request;
        await notifications.receive(
          Buffer.isBuffer(body) ? body : Buffer.alloc(0),
          {
            'agora-signature': headers['agora-signature'],
            'agora-signature-v2': headers['agora-signature-v2'],
          },
          request.id,
        );
        return reply.send({});
      },
    });
  });
}
