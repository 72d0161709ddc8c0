import type { TypedApp } from '../routes.ts';
import { pagePolicy } from './page-policy.ts';
import { openRoute, sendPage, servePageFiles } from './serve-page.ts';

export interface DashboardOptions {
  /** Origins without TLS that media comes from (LIVECHANNEL_API_EMBED_MEDIA_ORIGINS). */
  readonly mediaOrigins: readonly string[];
  /** Files of all pages. Default: beside the program. */
  readonly folder?: URL | undefined;
}

/**
 * The dashboard, for those who run the channels. Its HTML contains no secret and is the same at every address, because the
 * script shows what the address names; the API requires the session.
 */
export function dashboardRoutes(app: TypedApp, { mediaOrigins, folder }: DashboardOptions): void {
  const html = servePageFiles(
    app,
    {
      name: 'dashboard',
      title: 'livechannel',
      rootId: 'dashboard',
      withoutScript: 'The dashboard needs JavaScript.',
    },
    folder,
  );
  const policy = dashboardPolicy(mediaOrigins);
  for (const url of ['/dashboard', '/dashboard/*'])
    app.route({
      method: 'GET',
      url,
      ...openRoute,
      schema: { hide: true },
      handler: async (_request, reply) =>
        // No other page that opens this one gets a reference to its window.
        sendPage(reply.header('cross-origin-opener-policy', 'same-origin'), await html(), policy),
    });
}

/** The Content-Security-Policy of the dashboard, which no page frames. */
export function dashboardPolicy(mediaOrigins: readonly string[]): string {
  return pagePolicy(mediaOrigins, {
    'font-src': ["'self'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  });
}
