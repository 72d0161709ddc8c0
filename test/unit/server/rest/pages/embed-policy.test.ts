import { expect, test } from '@jest/globals';
import { isOrigin } from '../../../../../src/server/rest/pages/content-security-policy.ts';
import { embedPolicy } from '../../../../../src/server/rest/pages/embed-policy.ts';

const of = (options: Partial<Parameters<typeof embedPolicy>[0]>): Map<string, string> => {
  const usual = { parentOrigin: undefined, appOrigins: [], mediaOrigins: [], otherwise: 'any page' } as const;
  const policy = embedPolicy({ ...usual, ...options });
  return new Map(
    policy.split('; ').map((directive) => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values.join(' ')];
    }),
  );
};

test('nothing but files of the service runs in the page or styles it', () => {
  const policy = of({});
  expect(policy.get('default-src')).toBe("'none'");
  expect(policy.get('script-src')).toBe("'self'");
  expect(policy.get('style-src')).toBe("'self'");
  expect(policy.get('require-trusted-types-for')).toBe("'script'");
  expect([...policy.values()].join(' ')).not.toMatch(/unsafe|nonce/);
});

test('media comes from hosts with TLS, and from origins without TLS that are named', () => {
  expect(of({}).get('connect-src')).toBe("'self' https:");
  const named = of({ mediaOrigins: ['http://hls.example:8080'] });
  expect(named.get('connect-src')).toBe("'self' https: http://hls.example:8080");
  expect(named.get('media-src')).toBe("'self' https: http://hls.example:8080 blob:");
});

test('the app’s pages may frame it; any page or none, if none is listed; only the page that is named', () => {
  expect(of({}).get('frame-ancestors')).toBe('*');
  expect(of({ otherwise: 'no page' }).get('frame-ancestors')).toBe("'none'");
  const appOrigins = ['https://shop.example', 'https://www.shop.example'];
  expect(of({ appOrigins }).get('frame-ancestors')).toBe('https://shop.example https://www.shop.example');
  expect(of({ appOrigins, parentOrigin: 'https://shop.example' }).get('frame-ancestors')).toBe(
    'https://shop.example',
  );
});

test('a setting that is no origin does not get into the header', () => {
  const wrong = [
    "https://a.example; script-src 'unsafe-inline'",
    'https://a.example/',
    'ftp://a.example',
    '*',
  ];
  const policy = of({ mediaOrigins: wrong, appOrigins: wrong });
  expect(policy.get('connect-src')).toBe("'self' https:");
  expect(policy.get('script-src')).toBe("'self'");
});

test.each([
  ['https://shop.example', true],
  ['http://127.0.0.1:8080', true],
  ['http://[::1]:8080', true],
  ['https://shop.example/', false],
  ['https://user@shop.example', false],
  ['https://shop.example:443', false],
  ['null', false],
  ['', false],
])('%p is an origin: %p', (text, expected) => expect(isOrigin(text)).toBe(expected));
