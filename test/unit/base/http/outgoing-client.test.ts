import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AllowedAddresses } from '../../../../src/base/http/allowed-addresses.ts';
import {
  OutgoingClient,
  type OutgoingAnswer,
  type OutgoingRequest,
} from '../../../../src/base/http/outgoing-client.ts';
import { never } from '../../../support/platforms/platform-examples.ts';

let server: Server;
let port: number;
let client: OutgoingClient;
let requests: string[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  requests = [];
  answer = (_, response) => response.end('here');
  server = createServer((request, response) => {
    requests.push(`${request.headers.host ?? ''}${request.url ?? ''}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo); // it listens on TCP
  const resolve = async (): Promise<string[]> => ['127.0.0.1'];
  client = new OutgoingClient({ addresses: new AllowedAddresses({ resolve }) });
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const here = (path = '/'): string => `http://127.0.0.1:${String(port)}${path}`;
/** The server at 127.0.0.1 is one that this process knows; by any other name it is not. */
const send = (url = here(), options: Partial<OutgoingRequest> = {}): Promise<OutgoingAnswer> =>
  client.send(url, {
    timeoutMs: 5_000,
    maxBytes: 10_000,
    isKnown: ({ hostname }) => hostname === '127.0.0.1',
    signal: never,
    ...options,
  });

describe('a private address', () => {
  test('is contacted only if it is known', async () => {
    expect(await send()).toMatchObject({ status: 200, text: 'here' });
    await expect(send(here(), { isKnown: () => false })).rejects.toThrow(
      '127.0.0.1 is not a public address.',
    );
    expect(requests).toHaveLength(1);
  });

  test('is not contacted by a name that leads to it', async () => {
    await expect(send(`http://rebound.example:${String(port)}/`)).rejects.toThrow(/not a public address/);
    expect(requests).toEqual([]);
  });

  test.each(['http://[::127.0.0.1]', 'http://127.0.0.2', 'http://localhost', 'http://rebound.example'])(
    'is not reached by a redirect to %s',
    async (target) => {
      const location = `${target}:${String(port)}/secret`;
      answer = (_, response) => response.writeHead(302, { location }).end();
      await expect(send(here(), { redirects: 3 })).rejects.toThrow(/not a public address/);
      expect(requests).toHaveLength(1);
    },
  );
});

describe('a redirect', () => {
  test('is followed to a host that is known, with the cookies that it set', async () => {
    answer = ({ url, headers }, response) => {
      if (url === '/start')
        response.writeHead(302, { location: '/session', 'set-cookie': 'node=7; Path=/; HttpOnly' }).end();
      else response.end(headers.cookie ?? 'no cookie');
    };
    const { text, url } = await send(here('/start'), { redirects: 3 });
    expect([text, url.pathname]).toEqual(['node=7', '/session']);
  });

  test('is the answer where none is to be followed', async () => {
    answer = (_, response) => response.writeHead(302, { location: '/elsewhere' }).end();
    expect((await send()).status).toBe(302);
    expect(requests).toHaveLength(1);
  });

  test('is followed a limited number of times', async () => {
    answer = (_, response) => response.writeHead(302, { location: '/again' }).end();
    await expect(send(here(), { redirects: 3 })).rejects.toThrow('redirects more than 3 times');
    expect(requests).toHaveLength(4);
  });

  test.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'http://'])(
    'to %s is not followed',
    async (location) => {
      answer = (_, response) => response.writeHead(302, { location }).end();
      await expect(send(here(), { redirects: 3 })).rejects.toMatchObject({ code: 'DESTINATION_REFUSED' });
    },
  );
});

describe('an answer', () => {
  test('without an end is refused at the limit, and its connection is closed', async () => {
    const closed = Promise.withResolvers<undefined>();
    answer = (request, response) => {
      request.socket.once('close', () => {
        closed.resolve(undefined);
      });
      const more = (): void => {
        while (response.write(Buffer.alloc(64 * 1024, 'x'))) if (response.destroyed) return;
      };
      response.on('drain', more);
      more();
    };
    await expect(send()).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    await closed.promise;
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['does not begin', () => undefined],
    ['does not end', (response) => response.write('so far')],
  ])('that %s is not waited for', async (_, begin) => {
    answer = (__, response) => {
      begin(response);
    };
    await expect(send(here(), { timeoutMs: 200 })).rejects.toThrow(/did not answer in time|aborted/);
  });

  test('of which only the status matters may be longer', async () => {
    answer = (_, response) => response.writeHead(202).end('x'.repeat(100_000));
    expect(await send(here(), { statusOnly: true })).toMatchObject({ status: 202, text: '' });
  });
});
