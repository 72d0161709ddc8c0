import { readFile, stat } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { streamingPlatformSpecSchema } from '../../../src/api/streaming-platform.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type { Platform, ProvisionedStream, StreamRequest } from '../../../src/platforms/platform.ts';
import { RateLimits } from '../../../src/platforms/rate-limit.ts';
import { openPlatform } from '../../../src/platforms/registry.ts';
import { streamName } from '../../../src/platforms/stream-name.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { publish, type RtmpsPublisher } from '../../support/ingest/rtmps-publisher.ts';
import { IngestServer } from '../../support/ingest/ingest-server.ts';

// A service that the driver knows nothing of: nginx with RTMPS, one key, and what was pushed in files.

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

/** Bytes of media that the service has taken. */
async function taken(server: IngestServer): Promise<number> {
  const sizes = (await server.recordings()).map(async (file) => (await stat(file)).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test('a channel goes its whole way on a fixed ingest, and the stream that was there before stays there', async () => {
  await using server = await IngestServer.start();
  const platform = await open(server);
  await platform.verify(signal());
  const made = await platform.createStream(request, signal());
  expect(made.ingestCa).toBe(await readFile(server.caFile, 'utf8'));
  const first = push(server, made);
  await eventually('media to be taken', 30, async () => ((await taken(server)) > 20_000 ? true : undefined));

  // The operator starts anew, and comes by the same.
  const adopted = await (await open(server)).openStream(made.id, signal());
  expect(adopted?.streamKeyId).toBe(made.streamKeyId);
  expect(adopted?.streamKey.reveal()).toBe(made.streamKey.reveal());

  // The channel goes; the service does not notice until the relay leaves, and takes the next one.
  expect(await platform.deleteStream(made.id, signal())).toBe(true);
  await first.stop();
  const before = await taken(server);
  await using second = push(server, await platform.createStream({ ...request, attempt: 'two' }, signal()));
  await eventually('media to be taken again', 30, async () =>
    (await taken(server)) > before + 20_000 ? true : undefined,
  );
  await second.stop();
}, 90_000);

test('a key that was changed in the Secret is another one to the relay, and the old one is refused', async () => {
  await using server = await IngestServer.start();
  const old = await (await open(server, 'live_the-key-of-last-week')).createStream(request, signal());
  expect((await push(server, old).ended).code).not.toBe(0);
  const changed = await (await open(server)).openStream(old.id, signal());
  if (changed === undefined) throw new Error('the stream is gone');
  expect(changed.streamKeyId).not.toBe(old.streamKeyId);
  await using publisher = push(server, changed);
  await eventually('media to be taken', 30, async () => ((await taken(server)) > 20_000 ? true : undefined));
  await publisher.stop();
}, 90_000);
