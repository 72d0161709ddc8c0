/** The back end: its tRPC router under /trpc, and the pages. */
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { createServer } from 'node:http';
import { readPages } from './pages.ts';
import { appRouter } from './router.ts';
import { sessionOf, setSession } from './session.ts';

const trpc = createHTTPHandler({
  router: appRouter,
  basePath: '/trpc/',
  createContext: ({ req, res }) => ({
    session: sessionOf(req),
    setUser: (userId: string | undefined) => {
      setSession(res, userId);
    },
  }),
});
const sendPage = await readPages(new URL('../dist/', import.meta.url));

const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (path.startsWith('/trpc/')) trpc(request, response);
  else sendPage(path, response);
});

server.listen(Number(process.env['PORT'] ?? '3000'), () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  console.log(`http://localhost:${String(port)}/`);
});
