import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { ApiProblem } from '../problems.ts';
import { contentSecurityPolicy } from './pages/content-security-policy.ts';

/** Files of the page /docs, which the build puts into api-docs/ beside the program. */
export const documentFiles = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
} as const;

/** The folder of these files when the program runs from its sources. */
export const documentSources = new URL('../../../node_modules/@fastify/swagger-ui/static/', import.meta.url);

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>livechannel API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
/**
 * The page has the origin of the dashboard, and with it its session, so it runs no other scripts either. Swagger UI sets
 * styles in attributes.
 */
const policy = contentSecurityPolicy({
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
});
const start = `window.SwaggerUIBundle({ url: '/v1/openapi.json', dom_id: '#ui', deepLinking: true });\n`;

/** Routes of the OpenAPI document and the page /docs. They contain no secrets and require no credentials. */
export function documentRoutes(app: FastifyInstance): void {
  const hidden = { config: { open: true }, schema: { hide: true } } as const;
  app.get('/v1/openapi.json', hidden, async (_request, reply) => reply.send(app.swagger()));
  app.get('/docs', hidden, async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policy)
      .serializer(String)
      .send(page),
  );
  app.get('/docs/start.js', hidden, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').serializer(String).send(start),
  );
  for (const [name, type] of Object.entries(documentFiles))
    app.get(`/docs/${name}`, hidden, async (_request, reply) => {
      const folder = await folderOfFiles();
      const content = await readFile(new URL(name, folder)).catch((cause: unknown) => {
        throw new ApiProblem('not-found', `${name} is not part of this build.`, { cause });
      });
      return reply.type(type).header('cache-control', 'max-age=3600').send(content);
    });
}

async function folderOfFiles(): Promise<URL> {
  const built = new URL('./api-docs/', import.meta.url);
  const isThere = await stat(fileURLToPath(built)).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  return isThere ? built : documentSources;
}
