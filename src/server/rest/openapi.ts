import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** Collects the routes that are registered after this call; `app.swagger()` returns the OpenAPI document. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'livechannel',
        version: 'v1',
        description:
          'Relays Agora channels to HLS. Every error is an RFC 9457 problem with a stable code; every response has an X-Request-Id.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'channels', description: 'Channels, by the ids of the app.' },
        { name: 'relay', description: 'Start and stop relays.' },
        { name: 'playback', description: 'Playback URLs and Agora tokens.' },
        { name: 'numbers', description: 'Viewers, costs, alerts.' },
        { name: 'events', description: 'Server-sent events.' },
        { name: 'administration', description: 'API keys and the audit log.' },
        { name: 'notifications', description: 'Webhooks that other services call.' },
      ],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description:
              'An API key (lc_…), a token of a Kubernetes service account, or a JWT of the OIDC issuer that the service trusts.',
          },
          ticket: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description:
              'A ticket, for browsers: one channel, one role, for a limited time. The back end creates it with createTicket.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withOptionalBodies(withoutUnused(jsonSchemaTransformObject(document))),
  });
}

type Document = ReturnType<typeof jsonSchemaTransformObject>;

/** Removes unused schemas: each named schema is emitted twice, for requests and for responses. */
function withoutUnused(document: Document): Document {
  if (!('components' in document)) return document;
  const schemas: Readonly<Record<string, unknown>> = document.components.schemas ?? {};
  let used = schemas;
  // Repeated, because a schema that is used only by an unused one is unused, too.
  for (let before = -1; before !== Object.keys(used).length;) {
    before = Object.keys(used).length;
    const text = JSON.stringify({ ...document, components: { schemas: used } });
    used = Object.fromEntries(
      Object.entries(used).filter(([name]) => text.includes(`"#/components/schemas/${name}"`)),
    );
  }
  return Object.assign(document, { components: { ...document.components, schemas: used } });
}

/** A body that may be left out: its schema is that of a value or null. */
const optionalBody = z.object({
  requestBody: z.looseObject({
    content: z.object({
      'application/json': z.object({
        schema: z.object({
          anyOf: z.tuple([z.record(z.string(), z.unknown()), z.object({ type: z.literal('null') })]),
        }),
      }),
    }),
  }),
});

const operationsSchema = z.record(z.string(), z.unknown());

/** fastify-swagger declares every body as required. */
function withOptionalBodies(document: Document): Document {
  for (const path of Object.values(document.paths ?? {}))
    for (const operation of Object.values(operationsSchema.parse(path))) {
      const { data } = optionalBody.safeParse(operation);
      if (data === undefined || typeof operation !== 'object' || operation === null) continue;
      const [schema] = data.requestBody.content['application/json'].schema.anyOf;
      Object.assign(operation, {
        requestBody: { required: false, content: { 'application/json': { schema } } },
      });
    }
  return document;
}
