import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { streamingPlatformSpecSchema } from '../../../src/api/streaming-platform.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { PlatformError } from '../../../src/platforms/errors.ts';
import { openMux } from '../../../src/platforms/mux/open-mux.ts';
import type { PlatformDriver } from '../../../src/platforms/driver.ts';
import type { StreamRequest } from '../../../src/platforms/platform.ts';
import { RateLimits } from '../../../src/platforms/rate-limit.ts';
import { streamName } from '../../../src/platforms/stream-name.ts';
import type { FaultKind } from '../../fixtures/clouds/contract.ts';
import { makeMux } from '../../fixtures/clouds/mux/mux.ts';
import { accessTokens } from '../../fixtures/clouds/mux/tokens.ts';
import type { PaperMedia, PaperPublisher } from '../../fixtures/clouds/paper-media.ts';
import { scaledClock } from '../../fixtures/clouds/scaled-clock.ts';
import { startClouds, type Clouds } from '../../fixtures/clouds/start-clouds.ts';

const owner = { clusterId: 'c', platform: 'mux', channelUid: 'u', channel: 'shop/auction' };
const playback = { latency: 'standard', access: 'public', recording: 'off' } as const;
const request: StreamRequest = { name: streamName(owner, playback), owner, attempt: 'one', ...playback };

type Act = 'ensure' | 'go-on-air' | 'rotate' | 'end' | 'delete' | 'wait';
const operations = [
  'liveStreams.create',
  'liveStreams.list',
  'liveStreams.retrieve',
  'liveStreams.resetStreamKey',
  'liveStreams.disable',
  'liveStreams.enable',
  'liveStreams.complete',
  'liveStreams.delete',
  'assets.list',
  'assets.delete',
] as const;
const step = fc.record({
  act: fc.constantFrom<Act>('ensure', 'ensure', 'go-on-air', 'rotate', 'end', 'delete', 'wait'),
  fault: fc.option(
    fc.record({
      operation: fc.constantFrom(...operations),
      kind: fc.constantFrom<FaultKind>(
        'lost-answer',
        'lost-answer',
        'unavailable',
        'server-error',
        'quota-full',
      ),
    }),
    { nil: undefined, freq: 2 },
  ),
});

/** As the controllers do: look for the stream before creating it, adopt it if found, and retry later. */
async function perform(
  act: Act,
  platform: PlatformDriver,
  clouds: Clouds<PaperMedia>,
  publishers: PaperPublisher[],
): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  const [first] = await platform.findStreams(request.name, signal);
  switch (act) {
    case 'ensure':
      if (first === undefined) await platform.createStream(request, signal);
      else await platform.openStream(first.id, signal);
      return;
    case 'go-on-air': {
      const stream = first && (await platform.openStream(first.id, signal));
      if (stream !== undefined)
        publishers.push(clouds.media.publish({ app: 'app', key: stream.streamKey.reveal() }));
      return;
    }
    case 'rotate':
      if (first !== undefined) await platform.rotateKey(first.id, signal);
      return;
    case 'end':
      for (const publisher of publishers.splice(0)) publisher.end();
      return;
    case 'delete':
      for (const { id } of await platform.findStreams(request.name, signal))
        await platform.deleteStream(id, signal);
      return;
    case 'wait':
      return;
  }
}

test('with failures at any call, there are never two streams, and finally neither a stream nor a recording is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const clock = new FakeClock();
      await using clouds = await startClouds({ media: 'paper', clock, clouds: { mux: makeMux } });
      const cloud = clouds.cloud('mux');
      const spec = streamingPlatformSpecSchema.parse({
        provider: 'mux',
        credentialsRef: { namespace: 'live', name: 'mux' },
        mux: cloud.spec,
      });
      const rateLimits = new RateLimits(scaledClock({ factor: 1_000 }));
      const context = { clusterId: 'c', platform: 'mux', clock, rateLimits };
      const platform = openMux(spec, new Map(Object.entries(cloud.credentials)), context);
      const foreign = cloud.makeForeignStream();
      const publishers: PaperPublisher[] = [];

      for (const { act, fault } of steps) {
        if (fault !== undefined) clouds.faults.add({ cloud: 'mux', times: 1, ...fault });
        await perform(act, platform, clouds, publishers).catch((error: unknown) => {
          if (!(error instanceof PlatformError)) throw error;
        });
        clouds.faults.clear();
        await clock.advance(20_000);
        expect(cloud.streams().filter(({ id }) => id !== foreign).length).toBeLessThanOrEqual(1);
      }

      await perform('delete', platform, clouds, publishers);
      expect(cloud.streams().map(({ id }) => id)).toEqual([foreign]);
      const token = Buffer.from(`${accessTokens.full.id}:${accessTokens.full.secret}`).toString('base64');
      const assets = await fetch(`${clouds.baseUrl}/mux/video/v1/assets`, {
        headers: { authorization: `Basic ${token}` },
      });
      expect(await assets.json()).toEqual({ data: [] });
    }),
    { numRuns: 60 },
  );
}, 240_000);
