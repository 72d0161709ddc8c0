import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';

/** Collects the routes that are registered after it; `app.swagger()` then gives the document. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'livechannel',
        version: 'v1',
        description:
          'Puts Agora channels on HLS. Every error is an RFC 9457 problem with a stable code; every answer has an X-Request-Id.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'channels', description: 'Channels by the ids of the app.' },
        { name: 'relay', description: 'On air and off air.' },
        { name: 'playback', description: 'What viewers need.' },
        { name: 'numbers', description: 'Viewers, costs, alerts.' },
        { name: 'events', description: 'What happens, as it happens.' },
      ],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description:
              'An API key (lc_…), a token of a Kubernetes service account, or a JWT of the OIDC issuer that the service trusts.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
  });
}
