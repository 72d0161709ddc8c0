import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ApiProblem } from '../../problems.ts';
import type { TypedApp } from '../routes.ts';
import { readPageFiles, type PageFiles, type PageIndex } from './page-files.ts';

/** Where the build puts the folders of all pages: beside the program. */
const builtFolder = new URL('./pages/', import.meta.url);

/** A page of the service for browsers. Its HTML is the same for everyone and contains no secret. */
export interface ServedPage {
  /** Its folder in the build, and the start of the addresses of its files: /NAME/assets/FILE. */
  readonly name: string;
  readonly title: string;
  /** Id of the element that the script renders into. */
  readonly rootId: string;
  /** For browsers without JavaScript. */
  readonly withoutScript: string;
}

/** For the routes of pages and their files: they require no credentials, and are not in the OpenAPI document. */
export const openRoute = { config: { open: true } } as const;

/**
 * Serves the files of a page, and returns a function that returns its HTML. `folder` contains the folders of all pages;
 * default: beside the program.
 */
export function servePageFiles(
  app: TypedApp,
  page: ServedPage,
  folder: URL = builtFolder,
): () => Promise<string> {
  const { name } = page;
  let reading: Promise<PageFiles> | undefined;
  const files = (): Promise<PageFiles> =>
    (reading ??= readPageFiles(new URL(`${name}/`, folder)).catch((cause: unknown) => {
      reading = undefined;
      throw new ApiProblem('not-found', `The ${name} page is not part of this build.`, { cause });
    }));

  app.route({
    method: 'GET',
    url: `/${name}/assets/:file`,
    ...openRoute,
    schema: { hide: true, params: z.object({ file: z.string().max(128) }) },
    handler: async (request, reply) => {
      const file = (await files()).files.get(request.params.file);
      if (file === undefined)
        throw new ApiProblem('not-found', `${request.params.file} is not a file of the ${name} page.`);
      void reply
        .type(file.type)
        // The name contains the hash of the content.
        .header('cache-control', 'public, max-age=31536000, immutable')
        .header('vary', 'accept-encoding');
      if (!acceptsGzip(request.headers['accept-encoding'])) return reply.send(file.content);
      return reply.header('content-encoding', 'gzip').send(file.gzipped);
    },
  });

  return async () => htmlOf(page, (await files()).index);
}

/** Answers with the HTML of a page, under its Content-Security-Policy. */
export function sendPage(reply: FastifyReply, html: string, policy: string): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-security-policy', policy)
    .serializer(String)
    .send(html);
}

function acceptsGzip(accepted: string | string[] | undefined): boolean {
  return typeof accepted === 'string' && /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(accepted);
}

function htmlOf(
  { name, title, rootId, withoutScript }: ServedPage,
  { script, styles, preload }: PageIndex,
): string {
  const assets = `/${name}/assets`;
  return `<!doctype html>
<html lang="en" class="lc-root">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <link rel="icon" href="data:," />
${styles.map((file) => `    <link rel="stylesheet" href="${assets}/${file}" />\n`).join('')}\
${preload.map((file) => `    <link rel="modulepreload" href="${assets}/${file}" />\n`).join('')}\
    <script type="module" src="${assets}/${script}"></script>
  </head>
  <body>
    <div id="${rootId}"></div>
    <noscript>${withoutScript}</noscript>
  </body>
</html>
`;
}
