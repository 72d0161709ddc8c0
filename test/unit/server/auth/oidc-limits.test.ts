import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { systemClock } from '../../../../src/base/clock.ts';
import { discoverKeys } from '../../../../src/server/auth/oidc-discovery.ts';
import { oidcTokens } from '../../../../src/server/auth/oidc-tokens.ts';

const MIB = 1024 * 1024;

let server: Server;
let issuer: string;
let written: number;
let answers: Record<string, (response: ServerResponse) => void>;
beforeEach(async () => {
  written = 0;
  server = createServer((request, response) => answers[request.url ?? '']?.(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`; // it listens on TCP
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const endless = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const more = (): void => {
    while (!response.destroyed && written < 256 * MIB) {
      written += 64 * 1024;
      if (!response.write(Buffer.alloc(64 * 1024, ' '))) return;
    }
  };
  response.on('drain', more);
  more();
};

test('a discovery document without an end is refused, and fills no memory', async () => {
  answers = { '/.well-known/openid-configuration': endless };
  await expect(discoverKeys(issuer, AbortSignal.timeout(10_000))).rejects.toMatchObject({
    code: 'OIDC_DISCOVERY_FAILED',
    message: expect.stringContaining('the answer exceeds 100000 bytes'),
  });
  expect(written).toBeLessThan(64 * MIB);
});

test('keys without an end are refused, and fill no memory', async () => {
  answers = { '/keys': endless };
  const verify = oidcTokens({
    ...{ issuer, audience: 'livechannel', scopeClaim: 'scope', clock: systemClock },
    jwksUrl: `${issuer}/keys`,
  });
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${encode({ alg: 'RS256', kid: 'a' })}.${encode({ sub: 'app' })}.AAAA`;
  await expect(verify(token, AbortSignal.timeout(10_000))).rejects.toMatchObject({
    code: 'issuer-unavailable',
  });
  expect(written).toBeLessThan(64 * MIB);
});
