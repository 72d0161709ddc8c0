import { expect, test } from '@jest/globals';
import { crossSiteProblem, originOf } from '../../../../../src/server/auth/sessions/same-origin.ts';

const host = 'live.example:8443';

test.each<[Record<string, string>, string]>([
  [{ 'sec-fetch-site': 'same-origin' }, 'own'],
  [{ 'sec-fetch-site': 'same-site' }, 'other'],
  [{ 'sec-fetch-site': 'cross-site' }, 'other'],
  [{ 'sec-fetch-site': 'none' }, 'other'],
  // What a browser reports of itself takes precedence.
  [{ 'sec-fetch-site': 'cross-site', origin: `https://${host}` }, 'other'],
  [{ origin: `https://${host}` }, 'own'],
  [{ origin: 'https://live.example' }, 'other'],
  [{ origin: `https://${host}.evil.example` }, 'other'],
  [{ origin: 'null' }, 'other'],
  [{ origin: '' }, 'other'],
  [{}, 'unknown'],
])('%j is a request of the origin: %s', (headers, from) => {
  expect(originOf({ headers, host })).toBe(from);
});

test.each([
  ['GET', undefined, undefined],
  ['HEAD', undefined, undefined],
  ['POST', 'application/json', undefined],
  ['PATCH', 'application/merge-patch+json; charset=utf-8', undefined],
  ['DELETE', 'application/json;charset=utf-8', undefined],
  ['DELETE', undefined, 'unsupported-media-type'],
  ['POST', 'text/plain', 'unsupported-media-type'],
  ['POST', 'text/plain; application/json', 'unsupported-media-type'],
  ['POST', 'application/jsonp', 'unsupported-media-type'],
])('%s of the own origin with the type %s: %s', (method, type, code) => {
  const headers = {
    'sec-fetch-site': 'same-origin',
    ...(type === undefined ? {} : { 'content-type': type }),
  };
  expect(crossSiteProblem({ method, headers, host })?.code).toBe(code);
});
