import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { streamingPlatformSpecSchema } from '../../../src/api/streaming-platform.ts';
import type { Platform, StreamRequest } from '../../../src/platforms/platform.ts';
import { openPlatform } from '../../../src/platforms/registry.ts';
import { streamName } from '../../../src/platforms/stream-name.ts';
import { startOriginProcess, type OriginProcess } from '../origin/origin-process.ts';
import { publish } from '../origin/publisher.ts';
import { conformance, type PlatformUnderTest } from './conformance.ts';

function open(controlUrl: string, credentials: Record<string, string>, clusterId = 'c'): Platform {
  const spec = streamingPlatformSpecSchema.parse({
    provider: 'origin',
    credentialsRef: { namespace: 'live', name: 'origin' },
    origin: { controlUrl },
  });
  return openPlatform(spec, new Map(Object.entries(credentials)), clusterId);
}

const signal = (): AbortSignal => AbortSignal.timeout(30_000);
const owner = { clusterId: 'c', channelUid: 'u', channel: 'shop/auction' };
const request: StreamRequest = {
  name: streamName(owner),
  owner,
  latency: 'standard',
  access: 'public',
  recording: 'off',
};

conformance('the origin', async (): Promise<PlatformUnderTest> => {
  const origin = await startOriginProcess();
  const ca = await readFile(origin.caFile, 'utf8');
  const { controlUrl, token } = origin;
  return {
    open: (clusterId) => open(controlUrl, { token: `${token}\n`, 'ca.crt': ca }, clusterId),
    openWithWrongCredentials: () => open(controlUrl, { token: 'wrong-token-wrong-token' }),
    openUnreachable: () => open('http://127.0.0.1:9', { token }),
    publish: (stream) => {
      expect(stream.ingestCa).toBe(ca);
      return publish({
        ingestUrl: stream.ingestUrl,
        streamKey: stream.streamKey.reveal(),
        caFile: origin.caFile,
      });
    },
    makeForeignStream: async () => {
      await origin.put('by-hand');
    },
    [Symbol.asyncDispose]: () => origin[Symbol.asyncDispose](),
  };
});

test('a key that was rotated by hand stays rotated', async () => {
  await using origin = await startOriginProcess();
  const platform = open(origin.controlUrl, { token: origin.token });
  const first = await platform.ensureStream(request, signal());
  await origin.put(request.name, { keyVersion: 2 });
  const again = await platform.ensureStream(request, signal());
  expect(again.streamKeyId).toBe('v2');
  expect(again.streamKey.reveal()).not.toBe(first.streamKey.reveal());
}, 60_000);

test('an origin that is full is a matter of quota', async () => {
  await using origin = await startOriginProcess({ LIVECHANNEL_ORIGIN_MAX_STREAMS: '1' });
  await origin.put('by-hand');
  await expect(
    open(origin.controlUrl, { token: origin.token }).ensureStream(request, signal()),
  ).rejects.toMatchObject({ reason: 'QuotaExceeded', retryable: true });
}, 60_000);

test('the control service may have a private certificate: with its CA it is trusted, without it is not', async () => {
  await using origin = await startOriginProcess({ LIVECHANNEL_ORIGIN_CONTROL_TLS: 'true' });
  const controlUrl = origin.controlUrl.replace('http:', 'https:');
  const ca = await readFile(join(origin.folder, 'tls.crt'), 'utf8');
  await open(controlUrl, { token: origin.token, 'ca.crt': ca }).verify(signal());
  await expect(open(controlUrl, { token: origin.token }).verify(signal())).rejects.toMatchObject({
    reason: 'PlatformUnavailable',
    retryable: false,
    message: expect.stringContaining('"ca.crt"'),
  });
}, 60_000);

test('after the state of an origin is lost, the same stream has the same key and address', async () => {
  let origin: OriginProcess | undefined;
  await using first = await startOriginProcess();
  const platform = open(first.controlUrl, { token: first.token });
  const before = await platform.ensureStream(request, signal());
  await platform.deleteStream(before.id, signal()); // as a new pod with an empty folder would have it
  await first.terminate();
  try {
    origin = await first.restart();
    const after = await open(origin.controlUrl, { token: origin.token }).ensureStream(request, signal());
    expect(after.streamKey.reveal()).toBe(before.streamKey.reveal());
    expect(after.playbackUrl).toBe(before.playbackUrl);
  } finally {
    await origin?.terminate();
  }
}, 60_000);

test.each([
  ['a web page', 200, '<html>Welcome</html>'],
  ['JSON of something else', 200, '{"hello":"world"}'],
  ['a proxy that says no', 502, 'Bad Gateway'],
])('%s at the address is not taken for an origin', async (_what, status, body) => {
  const server = createServer((_request, response) => {
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    await expect(open(`http://127.0.0.1:${port}`, { token: 't' }).verify(signal())).rejects.toMatchObject({
      reason: 'PlatformUnavailable',
      retryable: true,
    });
  } finally {
    server.close();
  }
});
