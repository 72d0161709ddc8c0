import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createPlainServer } from 'node:http';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Authority } from '../../../hack/cluster/pki.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { AllowedAddresses } from '../../../src/base/http/allowed-addresses.ts';
import { WebhookSender } from '../../../src/recorder/recording/webhook/webhook-sender.ts';

const key = Buffer.alloc(32, 9);
const body = '{"type":"livechannel.alert"}';
const never = new AbortController().signal;

let folder: string;
let ca: string;
let server: Server;
let port: number;
let answer: RequestListener;
let received: { readonly headers: IncomingHttpHeaders; readonly body: string; readonly path: string }[];
/** The addresses of the name hooks.example, and the number of look-ups. */
let leadsTo: () => readonly string[];
let lookups: number;
const senders: WebhookSender[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-webhook-'));
  const authority = await Authority.create(folder, 'test');
  const pair = await authority.issue('hooks', {
    commonName: 'hooks.example',
    alternativeNames: ['DNS:hooks.example', 'IP:127.0.0.1'],
  });
  ca = await readFile(authority.pair.certificate, 'utf8');
  server = createServer(
    { cert: await readFile(pair.certificate), key: await readFile(pair.key) },
    (request, response) => {
      void text(request).then((said) => {
        received.push({ headers: request.headers, body: said, path: request.url ?? '' });
        answer(request, response);
      });
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  await writeFile(join(folder, 'secret'), `whsec_${key.toString('base64')}\n`);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  received = [];
  lookups = 0;
  leadsTo = () => ['127.0.0.1'];
  answer = (_, response) => response.writeHead(204).end();
});
afterEach(async () => {
  for (const sender of senders.splice(0)) await sender[Symbol.asyncDispose]();
});

async function send(
  url: string,
  { allowed = ['127.0.0.0/8'], trust = ca }: { allowed?: readonly string[]; trust?: string } = {},
): Promise<void> {
  const urlFile = join(folder, 'url');
  await writeFile(urlFile, `${url}\n`);
  const addresses = new AllowedAddresses({
    setting: 'LIVECHANNEL_WEBHOOK_ALLOWED_NETWORKS',
    networks: allowed,
    resolve: async () => {
      lookups += 1;
      return leadsTo();
    },
  });
  const secretFile = join(folder, 'secret');
  const sender = new WebhookSender({ urlFile, secretFile, addresses, clock: systemClock, ca: trust });
  senders.push(sender);
  await sender.send('alert-1', body, never);
}
const hooks = (path = '/'): string => `https://hooks.example:${String(port)}${path}`;

test('a receiver can verify the request, as specified by Standard Webhooks', async () => {
  await send(hooks('/in?from=shop'));
  expect(received).toHaveLength(1);
  const [{ headers, body: said, path } = { headers: {}, body: '', path: '' }] = received;
  expect([path, said]).toEqual(['/in?from=shop', body]);
  const id = String(headers['webhook-id']);
  const at = String(headers['webhook-timestamp']);
  expect(id).toBe('alert-1');
  expect(Math.abs(Date.now() / 1_000 - Number(at))).toBeLessThan(300);
  const expected = createHmac('sha256', key).update(`${id}.${at}.${said}`).digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${expected}`);
});

describe('nothing is sent', () => {
  test.each(['127.0.0.1', '10.0.0.7', '169.254.169.254', '::1', '::ffff:127.0.0.1'])(
    'to a name that resolves to %s, unless it is allowed',
    async (address) => {
      leadsTo = () => [address];
      await expect(send(hooks(), { allowed: [] })).rejects.toThrow('hooks.example is not a public address');
      expect(received).toEqual([]);
    },
  );

  test.each(['127.0.0.1', '2130706433', '0x7f000001', '[::ffff:127.0.0.1]'])(
    'to the address %s, unless it is allowed',
    async (host) => {
      await expect(send(`https://${host}:${String(port)}/`, { allowed: [] })).rejects.toThrow(
        'is not a public address',
      );
      expect(received).toEqual([]);
    },
  );

  test('without TLS', async () => {
    let asked = 0;
    const plain = createPlainServer((_, response) => {
      asked += 1;
      response.end();
    });
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const { port: its } = plain.address() as AddressInfo;
    await expect(send(`http://127.0.0.1:${String(its)}/token-in-path`)).rejects.toThrow(
      /^The file LIVECHANNEL_WEBHOOK_URL_FILE must hold an https:\/\/ URL/,
    );
    plain.close();
    expect(asked).toBe(0);
  });

  test('to a receiver whose certificate is not trusted', async () => {
    const other = await Authority.create(join(folder, 'other'), 'other');
    const trust = await readFile(other.pair.certificate, 'utf8');
    await expect(send(hooks(), { trust })).rejects.toThrow(/certificate/);
    expect(received).toEqual([]);
  });
});

test('a name that resolves to an internal address the second time does not lead there', async () => {
  leadsTo = () => (lookups === 1 ? ['127.0.0.1'] : ['127.0.0.2']);
  await send(hooks(), { allowed: ['127.0.0.1/32'] });
  expect([lookups, received.length]).toEqual([1, 1]);
});

test('a redirect is a failure and is not followed', async () => {
  answer = (_, response) => response.writeHead(307, { location: hooks('/inside') }).end();
  await expect(send(hooks())).rejects.toThrow('answered 307; redirects are not followed');
  expect(received).toHaveLength(1);
});

test.each([400, 410, 429, 500, 503])('a response of %d is a failure', async (status) => {
  answer = (_, response) => response.writeHead(status).end('secret-of-the-receiver');
  const failure = send(hooks('/token-in-path'));
  await expect(failure).rejects.toThrow(`hooks.example:${String(port)} answered ${String(status)}`);
  await expect(failure).rejects.not.toThrow(/token-in-path|secret-of-the-receiver/);
});

test('an endless response is not read to its end', async () => {
  let written = 0;
  answer = (_, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(16_384))) written += 16_384;
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
  await send(hooks());
  expect(written).toBeLessThan(50_000_000);
});

test('a connection failure is reported', async () => {
  await expect(send('https://hooks.example:1/')).rejects.toThrow(/ECONNREFUSED/);
});
