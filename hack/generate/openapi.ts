import { anonymous } from '../../src/server/auth/authenticate.ts';
import { buildApp } from '../../src/server/app.ts';
import type { Services } from '../../src/server/service.ts';
import { apiSettingsSchema } from '../../src/server/settings.ts';

/** The OpenAPI document of the service's REST API, as it is served at /v1/openapi.json. */
export async function openApiDocument(): Promise<string> {
  // Never called: routes hold the services, and use them only when a request arrives.
  const services = {} as Services;
  const app = await buildApp({
    services,
    authenticate: async () => anonymous,
    settings: apiSettingsSchema.parse({}),
  });
  await app.ready();
  const document = app.swagger();
  await app.close();
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
