import { readFile, stat } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { streamingPlatformSpecSchema } from '../../../src/api/streaming-platform.ts';
import { systemClock } from '../../../src/base/clock.ts';
import {
  streamId,
  type Platform,
  type ProvisionedStream,
  type StreamRequest,
} from '../../../src/platforms/platform.ts';
import { RateLimits } from '../../../src/platforms/rate-limit.ts';
import { openPlatform } from '../../../src/platforms/registry.ts';
import { streamName } from '../../../src/platforms/stream-name.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { publish, type RtmpsPublisher } from '../../support/ingest/rtmps-publisher.ts';
import { IngestServer } from '../../support/ingest/ingest-server.ts';

// A service that the driver does not know: nginx with RTMPS, one key, and recordings of what was pushed.

const owner = { clusterId: 'c', platform: 'own', channelUid: 'u', channel: 'shop/auction' };
const playback = { latency: 'standard', access: 'public', recording: 'off' } as const;
const request: StreamRequest = { name: streamName(owner, playback), owner, attempt: 'one', ...playback };
const signal = (): AbortSignal => AbortSignal.timeout(10_000);

async function open(server: IngestServer, streamKey = server.streamKey): Promise<Platform> {
  const spec = streamingPlatformSpecSchema.parse({
    provider: 'rtmp',
    credentialsRef: { namespace: 'live', name: 'own-encoder' },
    rtmp: {},
  });
  const credentials = new Map([
    ['ingestUrl', `${server.url}\n`],
    ['streamKey', `${streamKey}\n`],
    ['playbackUrl', 'https://play.example.com/live/index.m3u8'],
    ['ca.crt', await readFile(server.caFile, 'utf8')],
  ]);
  const context = {
    clusterId: 'c',
    platform: 'own',
    clock: systemClock,
    rateLimits: new RateLimits(systemClock),
  };
  return openPlatform(spec, credentials, context);
}

function push(server: IngestServer, { ingestUrl, streamKey }: ProvisionedStream): RtmpsPublisher {
  return publish({ ingestUrl, streamKey: streamKey.reveal(), caFile: server.caFile });
}

/** Bytes of media that the service has received. */
async function taken(server: IngestServer): Promise<number> {
  const sizes = (await server.recordings()).map(async (file) => (await stat(file)).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test("a channel goes through its whole life on a fixed ingest, and the service's stream is not changed", async () => {
  await using server = await IngestServer.start();
  const platform = await open(server);
  await platform.verify(signal());
  const made = await platform.createStream(request, signal());
  expect(made.ingestCa).toBe(await readFile(server.caFile, 'utf8'));
  const first = push(server, made);
  await eventually('media is accepted', 30, async () => ((await taken(server)) > 20_000 ? true : undefined));

  // The operator restarts and finds the same stream.
  const adopted = await (await open(server)).openStream({ id: made.id, owner }, signal());
  expect(adopted?.streamKeyId).toBe(made.streamKeyId);
  expect(adopted?.streamKey.reveal()).toBe(made.streamKey.reveal());

  // The channel is deleted; the service notices only that the relay leaves, and accepts the next one.
  expect(await platform.deleteStream({ id: made.id, owner }, signal())).toBe(true);
  await first.stop();
  const before = await taken(server);
  await using second = push(server, await platform.createStream({ ...request, attempt: 'two' }, signal()));
  await eventually('media is accepted again', 30, async () =>
    (await taken(server)) > before + 20_000 ? true : undefined,
  );
  await second.stop();
}, 90_000);

test('a changed key in the Secret is a new key to the relay, and the old one is rejected', async () => {
  await using server = await IngestServer.start();
  const old = await (await open(server, 'live_the-key-of-last-week')).createStream(request, signal());
  expect((await push(server, old).ended).code).not.toBe(0);
  const changed = await (await open(server)).openStream({ id: old.id, owner }, signal());
  if (changed === undefined) throw new Error('the stream is gone');
  expect(changed.streamKeyId).not.toBe(old.streamKeyId);
  await using publisher = push(server, changed);
  await eventually('media is accepted', 30, async () => ((await taken(server)) > 20_000 ? true : undefined));
  await publisher.stop();
}, 90_000);

test('without tags, a channel can use only the ID that is derived from its own owner', async () => {
  await using server = await IngestServer.start();
  const platform = await open(server);
  const { id } = await platform.createStream(request, signal());
  const others = [
    { id, owner: { ...owner, channelUid: 'another' } },
    { id, owner: { ...owner, clusterId: 'another' } },
    { id, owner: { ...owner, platform: 'another' } },
    { id: streamId('anything'), owner },
    { id: streamId(streamName(owner, { ...playback, latency: 'low' })), owner },
  ];
  for (const stream of others) {
    expect(await platform.openStream(stream, signal())).toBeUndefined();
    expect(await platform.observeStream(stream, signal())).toBeUndefined();
    expect(await platform.rotateKey(stream, signal())).toBeUndefined();
    expect(await platform.deleteStream(stream, signal())).toBe(true);
    await platform.disownStream(stream, signal());
  }
  expect(await platform.openStream({ id, owner }, signal())).toBeDefined();
}, 30_000);
