import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { pino } from 'pino';
import { z } from 'zod';
import { AppStage } from '../../support/server/app-stage.ts';

const secret = 'lc_not-for-any-log';
const problemSchema = z.object({ code: z.string(), status: z.int(), instance: z.string() });

let log = '';
let stage: AppStage;
let port: number;
beforeEach(async () => {
  log = '';
  const logger = pino({ level: 'trace' }, { write: (line: string) => (log += line) });
  stage = await AppStage.start({ LIVECHANNEL_API_REQUEST_TIMEOUT_SECONDS: 1 }, { logger });
  await stage.app.listen({ host: '127.0.0.1', port: 0 });
  ({ port } = stage.app.server.address() as AddressInfo); // of a TCP server that listens
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
});

function dial(): Socket {
  return connect({ host: '127.0.0.1', port }).setEncoding('utf8');
}

/** All that comes until the service closes. */
async function restOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined);
  await once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
  return text;
}

test.each([
  ['what is no HTTP', `GARBAGE ${secret}\r\n\r\n`, 400, 'invalid-request'],
  [
    'a header that is none',
    `GET / HTTP/1.1\r\nAuthorization: ${secret}\r\nno colon\r\n\r\n`,
    400,
    'invalid-request',
  ],
  [
    'headers that are too large',
    `GET / HTTP/1.1\r\nHost: a\r\nAuthorization: ${secret}\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers-too-large',
  ],
  [
    'headers that do not end',
    `GET / HTTP/1.1\r\nHost: a\r\nAuthorization: ${secret}\r\n`,
    408,
    'request-incomplete',
  ],
  [
    'a body that does not end',
    'POST /v1/channels HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer admin\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    408,
    'request-incomplete',
  ],
])('%s is a problem, and the service goes on', async (_what, sent, status, code) => {
  const socket = dial();
  socket.write(sent);
  const [head = '', body = ''] = (await restOf(socket)).split('\r\n\r\n');
  const problem = problemSchema.parse(JSON.parse(body));
  expect([problem.status, problem.code]).toEqual([status, code]);
  expect(head.startsWith(`HTTP/1.1 ${String(status)} `)).toBe(true);
  expect(head).toContain('connection: close');
  expect(head).toContain('content-type: application/problem+json');
  expect(head).toContain(`content-length: ${String(Buffer.byteLength(body))}`);
  expect(head).toContain(`x-request-id: ${problem.instance.replace('urn:livechannel:request:', '')}`);
  expect(log).toContain('a request could not be parsed');
  expect(log).not.toContain(secret);
  const next = dial();
  next.write('GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(await restOf(next)).toMatch(/^HTTP\/1.1 200 /);
});

test('rubbish after a subscription is not answered into its events', async () => {
  const socket = dial();
  socket.write('GET /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer admin\r\n\r\n');
  await once(socket, 'data', { signal: AbortSignal.timeout(5_000) });
  socket.write('GARBAGE\r\n\r\n');
  expect(await restOf(socket)).not.toContain('HTTP/1.1 400');
});
