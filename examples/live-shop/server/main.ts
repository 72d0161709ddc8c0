/** The back end: its tRPC router under /trpc, and the buyer's page. */
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { appRouter } from './router.ts';
import { sessionOf } from './session.ts';

const trpc = createHTTPHandler({
  router: appRouter,
  basePath: '/trpc/',
  createContext: ({ req }) => ({ session: sessionOf(req) }),
});

const files: Readonly<Record<string, { readonly type: string; readonly url: URL }>> = {
  '/': { type: 'text/html; charset=utf-8', url: new URL('../pages/watch.html', import.meta.url) },
  '/watch.js': { type: 'text/javascript', url: new URL('../pages/watch.js', import.meta.url) },
  '/hls.js': { type: 'text/javascript', url: new URL(import.meta.resolve('hls.js')) },
};

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const file = files[path];
  if (file === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': file.type }).end(await readFile(file.url));
}

const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (path.startsWith('/trpc/')) trpc(request, response);
  else sendFile(path, response).catch(() => response.destroy());
});

server.listen(Number(process.env['PORT'] ?? '3000'), () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  console.log(`http://localhost:${String(port)}/?channel=4711`);
});
