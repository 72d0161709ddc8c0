import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { streamingPlatformSpecSchema } from '../../../src/api/streaming-platform.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { openOrigin } from '../../../src/platforms/origin/open-origin.ts';
import { ownerTags } from '../../../src/platforms/owner-tags.ts';
import type { PlatformDriver } from '../../../src/platforms/driver.ts';
import type { StreamRequest } from '../../../src/platforms/platform.ts';
import { RateLimits } from '../../../src/platforms/rate-limit.ts';
import { streamName } from '../../../src/platforms/stream-name.ts';
import { startOriginProcess, type OriginProcess } from '../../support/origin/origin-process.ts';
import { publish } from '../../support/ingest/rtmps-publisher.ts';
import { conformance } from './conformance.ts';
import { startLossyProxy } from './lossy-proxy.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';

function open(
  controlUrl: string,
  credentials: Record<string, string>,
  clusterId = 'c',
  platform = 'origin',
): PlatformDriver {
  const spec = streamingPlatformSpecSchema.parse({
    provider: 'origin',
    credentialsRef: { namespace: 'live', name: 'origin' },
    origin: { controlUrl },
  });
  const context = { clusterId, platform, clock: systemClock, rateLimits: new RateLimits(systemClock) };
  return openOrigin(spec, new Map(Object.entries(credentials)), context);
}

const signal = (): AbortSignal => AbortSignal.timeout(30_000);
const owner = { clusterId: 'c', platform: 'origin', channelUid: 'u', channel: 'shop/auction' };
const playback = { latency: 'standard', access: 'public', recording: 'off' } as const;
const request: StreamRequest = { name: streamName(owner, playback), owner, attempt: 'one', ...playback };

const methods = { createStream: 'PUT', rotateKey: 'PUT', deleteStream: 'DELETE' } as const;

conformance('the origin', async (): Promise<PlatformUnderTest> => {
  const origin = await startOriginProcess();
  const proxy = await startLossyProxy(origin.controlUrl);
  const ca = await readFile(origin.caFile, 'utf8');
  const { token } = origin;
  return {
    open: (clusterId, platform) =>
      open(proxy.url, { token: `${token}\n`, 'ca.crt': ca }, clusterId, platform),
    openWithWrongCredentials: () => open(proxy.url, { token: 'wrong-token-wrong-token' }),
    openUnreachable: () => open('http://127.0.0.1:9', { token }),
    publish: (stream) => {
      expect(stream.ingestCa).toBe(ca);
      return publish({
        ingestUrl: stream.ingestUrl,
        streamKey: stream.streamKey.reveal(),
        caFile: origin.caFile,
      });
    },
    makeForeignStream: async () => (await origin.put('by-hand')).id,
    exists: async (id) => (await origin.call('GET', `/v1/streams/${id}`)).status === 200,
    loseNextAnswer: (call) => {
      proxy.loseNextAnswer(methods[call]);
    },
    absentId: 'lc-absent',
    secrets: [token, 'wrong-token-wrong-token'],
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await origin[Symbol.asyncDispose]();
    },
  };
});

test('is created once when several callers request it at the same time', async () => {
  await using origin = await startOriginProcess();
  const platforms = [1, 2, 3].map(() => open(origin.controlUrl, { token: origin.token }));
  const made = await Promise.all(platforms.map((platform) => platform.createStream(request, signal())));
  expect(new Set(made.map(({ streamKey }) => streamKey.reveal())).size).toBe(1);
  expect((await origin.call('GET', '/v1/streams')).body).toMatchObject({ streams: [{ id: request.name }] });
}, 60_000);

test('does not adopt a stream of that name that belongs to another owner', async () => {
  await using origin = await startOriginProcess();
  await origin.put(request.name, { tags: { mine: 'yes' } });
  const platform = open(origin.controlUrl, { token: origin.token });
  expect(await platform.findStreams(request.name, signal())).toEqual([]);
  await expect(platform.createStream(request, signal())).rejects.toMatchObject({
    reason: 'InvalidConfiguration',
    outcome: 'none',
  });
  expect((await origin.get(request.name)).tags).toEqual({ mine: 'yes' });
}, 60_000);

test('keeps a key that was rotated by hand', async () => {
  await using origin = await startOriginProcess();
  const platform = open(origin.controlUrl, { token: origin.token });
  const first = await platform.createStream(request, signal());
  await origin.put(request.name, { keyVersion: 2, tags: ownerTags(owner) });
  const again = await platform.createStream(request, signal());
  expect(again.streamKeyId).toBe('v2');
  expect(again.streamKey.reveal()).not.toBe(first.streamKey.reveal());
}, 60_000);

test('reports a full origin as a quota error', async () => {
  await using origin = await startOriginProcess({ LIVECHANNEL_ORIGIN_MAX_STREAMS: '1' });
  await origin.put('by-hand');
  await expect(
    open(origin.controlUrl, { token: origin.token }).createStream(request, signal()),
  ).rejects.toMatchObject({ reason: 'QuotaExceeded', retryable: true });
}, 60_000);

test('trusts a private certificate of the control service with its CA, and not without', async () => {
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

test('creates a stream with the same key and URL after the origin has lost its state', async () => {
  let origin: OriginProcess | undefined;
  await using first = await startOriginProcess();
  const platform = open(first.controlUrl, { token: first.token });
  const before = await platform.createStream(request, signal());
  await platform.deleteStream(before.id, signal()); // the state of a new pod with an empty directory
  await first.terminate();
  try {
    origin = await first.restart();
    const after = await open(origin.controlUrl, { token: origin.token }).createStream(request, signal());
    expect(after.streamKey.reveal()).toBe(before.streamKey.reveal());
    expect(after.playbackUrl).toBe(before.playbackUrl);
  } finally {
    await origin?.terminate();
  }
}, 60_000);

test.each([
  ['a web page', 200, '<html>Welcome</html>'],
  ['unrelated JSON', 200, '{"hello":"world"}'],
  ['an error of a proxy', 502, 'Bad Gateway'],
])('%s at the URL is not mistaken for an origin', async (_what, status, body) => {
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
