import { contentSecurityPolicy, isOrigin, type PolicyDirectives } from './content-security-policy.ts';

/**
 * The header Content-Security-Policy of a page of the service: only files of the service run and style it, and no script
 * writes HTML from text (Trusted Types). `own` are the directives in which pages differ.
 *
 * Media comes from any host with TLS: playlists of the platforms name segments on hosts of their CDNs, which they choose
 * for each viewer and change without notice, so that a list of them would fail some day. An origin in a cluster without
 * TLS is named explicitly in `mediaOrigins`. `blob:` is what Media Source Extensions play from, and what a worker of
 * hls.js starts from.
 */
export function pagePolicy(mediaOrigins: readonly string[], own: PolicyDirectives): string {
  const media = ["'self'", 'https:', ...mediaOrigins.filter(isOrigin)];
  return contentSecurityPolicy({
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': media,
    'media-src': [...media, 'blob:'],
    'worker-src': ["'self'", 'blob:'],
    'base-uri': ["'none'"],
    ...own,
    'require-trusted-types-for': ["'script'"],
    'trusted-types': ["'none'"],
  });
}
