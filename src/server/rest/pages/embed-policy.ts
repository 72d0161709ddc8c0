import { isOrigin } from './content-security-policy.ts';
import { pagePolicy } from './page-policy.ts';

export interface EmbedPolicyOptions {
  /** The page that embeds the player, if the address of the player names it. */
  readonly parentOrigin: string | undefined;
  /** Origins of the app's pages (LIVECHANNEL_API_CORS_ORIGINS). */
  readonly appOrigins: readonly string[];
  /** Origins without TLS that media comes from (LIVECHANNEL_API_EMBED_MEDIA_ORIGINS). */
  readonly mediaOrigins: readonly string[];
  /** Who may frame the page if the app's origins are not known: a page with actions must not be framed by any page. */
  readonly otherwise: 'any page' | 'no page';
}

/**
 * The Content-Security-Policy of the pages for one channel: the player's and the seller's. Only the app's pages may frame
 * them.
 */
export function embedPolicy(options: EmbedPolicyOptions): string {
  const { parentOrigin, appOrigins, mediaOrigins, otherwise } = options;
  const ancestors = parentOrigin === undefined ? appOrigins.filter(isOrigin) : [parentOrigin];
  return pagePolicy(mediaOrigins, {
    'form-action': ["'none'"],
    'frame-ancestors': ancestors.length > 0 ? ancestors : [otherwise === 'any page' ? '*' : "'none'"],
  });
}
