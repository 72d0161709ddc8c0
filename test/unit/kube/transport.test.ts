import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { connect, type KubeClient } from '../../../src/kube/client.ts';
import { configMapType } from '../../../src/kube/core-types.ts';
import type { Access } from '../../../src/kube/access.ts';
import { ApiError } from '../../../src/kube/errors.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A server that returns these answers in turn, and repeats the last one. */
async function serve(...answers: Answer[]) {
  const seen: { readonly method: string; readonly path: string; readonly token: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    seen.push({ method, path: url, token: headers.authorization });
    answers[Math.min(seen.length, answers.length) - 1]?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const tokens = ['Bearer old', 'Bearer new'];
  const credentials: Access = {
    server: `http://127.0.0.1:${String(address.port)}`,
    tls: {},
    namespace: 'default',
    authorization: async (refresh) => (refresh ? tokens[1] : tokens[0]),
  };
  const statuses: string[] = [];
  const observer = { observe: ({ status }: { status: string }) => statuses.push(status) };
  const client: KubeClient = await connect({ fieldManager: 'test', credentials, random: () => 0, observer });
  endings.push(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { client, seen, statuses };
}

const object = { metadata: { name: 'c', namespace: 'n', uid: 'u' } };
const ok: Answer = (_, response) => response.end(JSON.stringify(object));
const fail =
  (
    status: number,
    headers: Record<string, string> = {},
    body: object = { kind: 'Status', message: 'no' },
  ): Answer =>
  (_, response) =>
    response.writeHead(status, headers).end(JSON.stringify(body));
const hangUp: Answer = (request) => request.socket.destroy();
const ref = { namespace: 'n', name: 'c' };

describe('a request', () => {
  test.each([
    ['503', fail(503)],
    ['429', fail(429, { 'retry-after': '0' })],
    ['a broken connection', hangUp],
  ])('that reads is retried after %s', async (_, answer) => {
    const { client, seen } = await serve(answer, ok);
    expect((await client.get(configMapType, ref))?.metadata.uid).toBe('u');
    expect(seen).toHaveLength(2);
  });

  test.each([
    ['503', fail(503)],
    ['a broken connection', hangUp],
  ])('that writes is not retried after %s, because it may have had its effect', async (_, answer) => {
    const { client, seen } = await serve(answer, ok);
    await expect(client.create(configMapType, { metadata: ref })).rejects.toMatchObject({ retryable: true });
    expect(seen).toHaveLength(1);
  });

  test('that writes is retried if the server reports that it had no effect', async () => {
    const { client, seen } = await serve(fail(429, { 'retry-after': '0' }), ok);
    await client.create(configMapType, { metadata: ref });
    expect(seen).toHaveLength(2);
  });

  test('is retried after the time that the server requests', async () => {
    const { client } = await serve(fail(429, { 'retry-after': '1' }), ok);
    const start = performance.now();
    await client.get(configMapType, ref);
    expect(performance.now() - start).toBeGreaterThanOrEqual(990);
  });

  test('is not retried after its timeout', async () => {
    const { client, seen } = await serve(fail(429, { 'retry-after': '60' }), ok);
    const refused = client.get(configMapType, ref, { timeoutMs: 2_000 });
    await expect(refused).rejects.toMatchObject({ status: 429, retryAfterMs: 60_000 });
    expect(seen).toHaveLength(1);
  });

  test('fails after some retries', async () => {
    const { client, seen, statuses } = await serve(fail(500));
    await expect(client.get(configMapType, ref)).rejects.toBeInstanceOf(ApiError);
    expect(seen).toHaveLength(5);
    expect(statuses).toEqual(['500', '500', '500', '500', '500']);
  }, 30_000);

  test('is repeated once with a new token when the old one is no longer valid', async () => {
    const { client, seen } = await serve(fail(401), ok);
    await client.create(configMapType, { metadata: ref });
    expect(seen.map(({ token }) => token)).toEqual(['Bearer old', 'Bearer new']);

    const refusing = await serve(fail(401));
    await expect(refusing.client.get(configMapType, ref)).rejects.toMatchObject({ isUnauthorized: true });
    expect(refusing.seen).toHaveLength(2);
  });

  test('fails with the answer of a proxy in place of the API server', async () => {
    const { client } = await serve((_, response) => response.writeHead(403).end('<html>go away</html>'));
    await expect(client.get(configMapType, ref)).rejects.toThrow(
      'get ConfigMap n/c: <html>go away</html> (403 )',
    );
  });

  test('uses the path of the object', async () => {
    const { client, seen } = await serve(ok);
    await client.patchMerge(configMapType, ref, {}, { subresource: 'status' });
    const path = '/api/v1/namespaces/n/configmaps/c/status?fieldManager=test&fieldValidation=Strict';
    expect(seen).toMatchObject([{ method: 'PATCH', path }]);
  });
});
