import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { cookieIn, deleteCookie, LOGIN_COOKIE } from '../auth/sessions/cookies.ts';
import type { Login } from '../auth/sessions/login.ts';
import { LOGIN_CALLBACK_PATH, returnPath } from '../auth/sessions/login-paths.ts';
import { isProblem, type ApiProblem } from '../problems.ts';
import { loginCall, setUp } from './login.ts';
import { contentSecurityPolicy } from './pages/content-security-policy.ts';
import { sendPage } from './pages/serve-page.ts';
import type { TypedApp } from './routes.ts';

/** Nothing may be loaded, and no other page may frame this one. */
const policy = contentSecurityPolicy({
  'default-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
});

/** Login at the OIDC issuer: two addresses that a browser navigates to, so that failures are pages as well. */
export function oidcLoginRoutes(app: TypedApp, login: Login | undefined): void {
  app.route({
    method: 'GET',
    url: '/login/oidc',
    config: { open: true },
    schema: { hide: true, querystring: z.object({ to: z.string().max(1_024).regex(returnPath).optional() }) },
    handler: async (request, reply) => {
      try {
        const { address, cookie } = await setUp(login).beginOidc(request.query.to);
        return await reply
          .headers({ 'cache-control': 'no-store', 'set-cookie': cookie })
          .redirect(address, 302);
      } catch (error) {
        return failed(reply, error);
      }
    },
  });

  app.route({
    method: 'GET',
    url: LOGIN_CALLBACK_PATH,
    config: { open: true },
    schema: { hide: true },
    handler: async (request, reply) => {
      const [, query = ''] = request.url.split('?');
      const pending = cookieIn(request.headers.cookie, LOGIN_COOKIE);
      try {
        const started = await setUp(login).finishOidc(query, pending, loginCall(request));
        void reply.header('set-cookie', [started.cookie, deleteCookie(LOGIN_COOKIE)]);
        return await sendPage(reply, onwards(started.returnTo), policy);
      } catch (error) {
        return failed(reply.header('set-cookie', deleteCookie(LOGIN_COOKIE)), error);
      }
    },
  });
}

async function failed(reply: FastifyReply, error: unknown): Promise<FastifyReply> {
  if (!isProblem(error)) throw error;
  void reply.code(error.status).headers(error.headers);
  return sendPage(reply, refused(error), policy);
}

/**
 * A page that navigates on by itself. A redirect would be part of the navigation that the issuer's page began, and a
 * browser sends no cookie with SameSite=Strict along with that.
 */
const onwards = (path: string): string =>
  page(
    'Signed in',
    `<meta http-equiv="refresh" content="0; url=${text(path)}" />`,
    `<p>Signed in. <a href="${text(path)}">Continue</a></p>`,
  );

const refused = ({ detail }: ApiProblem): string =>
  page(
    'Sign-in failed',
    '',
    `<h1>Sign-in failed</h1><p>${text(detail)}</p><p><a href="/dashboard">Back</a></p>`,
  );

const page = (title: string, head: string, body: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    ${head}
  </head>
  <body>${body}</body>
</html>
`;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const text = (raw: string): string => raw.replace(/[&<>"]/g, (character) => escapes[character] ?? '');
