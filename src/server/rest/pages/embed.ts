import { z } from 'zod';
import { ApiProblem } from '../../problems.ts';
import { channelParams, type TypedApp } from '../routes.ts';
import { isOrigin } from './content-security-policy.ts';
import { embedPolicy, type EmbedPolicyOptions } from './embed-policy.ts';
import { openRoute, sendPage, servePageFiles, type ServedPage } from './serve-page.ts';

export interface EmbedOptions {
  readonly appOrigins: readonly string[];
  readonly mediaOrigins: readonly string[];
  /** Files of all pages. Default: beside the program. */
  readonly folder?: URL | undefined;
}

const query = z.object({
  parentOrigin: z
    .string()
    .max(512)
    .refine(isOrigin, 'Must be a web origin, such as https://shop.example.')
    .optional(),
  ticket: z
    .never({ error: 'Queries are logged on the way. Put the ticket into the fragment: #ticket=...' })
    .optional(),
});

/** A page for one channel. It is the same for every channel, contains no secret, and requires no credentials. */
interface ChannelPage extends ServedPage {
  /** Its address is /PATH/CHANNEL. */
  readonly path: string;
  readonly otherwise: EmbedPolicyOptions['otherwise'];
}

const channelPages: readonly ChannelPage[] = [
  {
    path: 'embed',
    name: 'embed',
    title: 'Live video',
    rootId: 'player',
    withoutScript: 'The live video needs JavaScript.',
    otherwise: 'any page',
  },
  {
    path: 'seller',
    name: 'seller-page',
    title: 'Your show',
    rootId: 'seller',
    withoutScript: 'This page needs JavaScript.',
    otherwise: 'no page',
  },
];

/**
 * The player, and what a seller sees, as pages of their own for apps without React: for an iframe, or alone. What is in them
 * calls the API with a ticket, or without one for public channels.
 */
export function embedRoutes(app: TypedApp, options: EmbedOptions): void {
  const { appOrigins, mediaOrigins, folder } = options;
  for (const { path, otherwise, ...page } of channelPages) {
    const html = servePageFiles(app, page, folder);
    app.route({
      method: 'GET',
      url: `/${path}/:id`,
      ...openRoute,
      schema: { hide: true, params: channelParams, querystring: query },
      handler: async (request, reply) => {
        const { parentOrigin } = request.query;
        if (parentOrigin !== undefined && !appOrigins.includes(parentOrigin))
          throw new ApiProblem(
            'invalid-request',
            `Pages of ${parentOrigin} may not embed this page. Add the origin to LIVECHANNEL_API_CORS_ORIGINS.`,
          );
        const policy = embedPolicy({ parentOrigin, appOrigins, mediaOrigins, otherwise });
        return sendPage(reply, await html(), policy);
      },
    });
  }
}
