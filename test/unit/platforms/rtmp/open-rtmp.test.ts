import { describe, expect, test } from '@jest/globals';
import { streamingPlatformSpecSchema } from '../../../../src/api/streaming-platform.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import type { PlatformDriver } from '../../../../src/platforms/driver.ts';
import { streamId, type StreamRequest } from '../../../../src/platforms/platform.ts';
import { RateLimits } from '../../../../src/platforms/rate-limit.ts';
import { openRtmp } from '../../../../src/platforms/rtmp/open-rtmp.ts';

const spec = streamingPlatformSpecSchema.parse({
  provider: 'rtmp',
  credentialsRef: { namespace: 'live', name: 'own-encoder' },
  rtmp: {},
});
const clock = new FakeClock();
const context = { clusterId: 'c', platform: 'own', clock, rateLimits: new RateLimits(clock) };
const good = {
  ingestUrl: 'rtmps://ingest.example.com:443/live',
  streamKey: 'live_secret?sig=1',
  playbackUrl: 'https://play.example.com/live/index.m3u8?cdn=1',
};

function open(credentials: Record<string, string> = good): PlatformDriver {
  return openRtmp(spec, new Map(Object.entries(credentials)), context);
}
const signal = AbortSignal.timeout(5_000);
const request: StreamRequest = {
  name: 'lc-0123456789abcdef0123456789abcdef',
  owner: { clusterId: 'c', platform: 'own', channelUid: 'u', channel: 'shop/auction' },
  attempt: 'a',
  latency: 'standard',
  access: 'public',
  recording: 'off',
};

describe('the Secret of a fixed ingest', () => {
  test.each([
    ['rtmps://ingest.example.com:443/live', 'rtmps://ingest.example.com:443/live/'],
    ['rtmps://ingest.example.com/live/', 'rtmps://ingest.example.com/live/'],
    ['rtmp://10.0.0.7:1935/a/b\n', 'rtmp://10.0.0.7:1935/a/b/'],
  ])('may have the ingest URL %j', async (ingestUrl, expected) => {
    const stream = await open({ ...good, ingestUrl }).createStream(request, signal);
    expect(stream.ingestUrl).toBe(expected);
  });

  test.each([
    ['ingestUrl', 'https://ingest.example.com/live', 'rtmps://'],
    ['ingestUrl', 'ingest.example.com/live', 'rtmps://'],
    ['ingestUrl', 'rtmps:///live', 'rtmps://'],
    ['ingestUrl', 'rtmps://my-ingest.example.net:443', 'application'],
    ['ingestUrl', 'rtmps://my-ingest.example.net:443//', 'application'],
    ['ingestUrl', 'rtmps://me:pw@ingest.example.com/live', 'no user'],
    ['ingestUrl', 'rtmps://ingest.example.com/live?key=s3cret', 'streamKey'],
    ['streamKey', 'two words', 'spaces'],
    ['streamKey', 'schlüssel', 'ASCII'],
    ['playbackUrl', 'rtmp://play.example.com/live.m3u8', 'https://'],
    ['playbackUrl', 'play.example.com/live.m3u8', 'https://'],
    ['playbackUrl', 'https://play.example.com/live.mpd', '.m3u8'],
    ['playbackUrl', 'https://play.example.com/?file=live.m3u8', '.m3u8'],
    ['playbackUrl', 'https://me:pw@play.example.com/live.m3u8', 'every viewer'],
  ])('rejects %s %s, with the reason (%s) and without its value', (key, value, why) => {
    let error: unknown;
    try {
      open({ ...good, [key]: value });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ reason: 'InvalidConfiguration', retryable: false });
    const message = String(error);
    expect(message).toContain(`Secret live/own-encoder: ${key}`);
    expect(message).toContain(why);
    expect(message).not.toContain(value);
  });

  test.each(['ingestUrl', 'streamKey', 'playbackUrl'])('requires %s', (key) => {
    expect(() => open({ ...good, [key]: ' ' })).toThrow(
      expect.objectContaining({ reason: 'CredentialsNotFound', message: expect.stringContaining(key) }),
    );
  });
});

describe('the only stream of a fixed ingest', () => {
  test('has the values of the Secret, however it is opened, and is never recreated', async () => {
    const platform = open({ ...good, 'ca.crt': 'PEM' });
    const made = await platform.createStream(request, signal);
    expect(made).toMatchObject({ id: request.name, playbackUrl: good.playbackUrl, ingestCa: 'PEM' });
    expect(made.streamKey.reveal()).toBe(good.streamKey);
    expect(await platform.createStream({ ...request, attempt: 'b' }, signal)).toEqual(made);
    expect(await open({ ...good, 'ca.crt': 'PEM' }).openStream(made.id, signal)).toEqual(made);
    expect(platform.capabilities).toMatchObject({ idempotentCreate: true, maxStreams: 1, settleSeconds: 0 });
  });

  test('has another key id when the Secret has another key, and the id does not contain the key', async () => {
    const id = streamId(request.name);
    const before = await open().openStream(id, signal);
    const after = await open({ ...good, streamKey: 'live_other' }).openStream(id, signal);
    const same = await open({ ...good, playbackUrl: 'https://cdn.example.com/x.m3u8' }).openStream(
      id,
      signal,
    );
    expect(after?.streamKeyId).not.toBe(before?.streamKeyId);
    expect(same?.streamKeyId).toBe(before?.streamKeyId);
    expect(before?.streamKeyId).not.toContain(good.streamKey);
  });

  test('is never known to be live or watched, and is not listed', async () => {
    const platform = open();
    const { id } = await platform.createStream(request, signal);
    expect(await platform.observeStream(id, signal)).toMatchObject({
      id,
      live: undefined,
      viewers: undefined,
      owner: undefined,
    });
    expect(await platform.listStreams(signal)).toEqual([]);
    expect(await platform.findStreams(request.name, signal)).toEqual([]);
    expect((await platform.analytics(signal)).size).toBe(0);
  });

  test('is deleted and disowned without a request, any number of times', async () => {
    const platform = open();
    const { id } = await platform.createStream(request, signal);
    await platform.verify(signal);
    await platform.disownStream(id, signal);
    expect(await platform.deleteStream(id, signal)).toBe(true);
    expect(await platform.deleteStream(id, signal)).toBe(true);
    expect((await platform.createStream(request, signal)).id).toBe(id);
  });

  test('keeps its key: the error of a rotation contains where to change it', async () => {
    await expect(open().rotateKey(streamId('x'), signal)).rejects.toMatchObject({
      reason: 'InvalidConfiguration',
      retryable: false,
      message: expect.stringContaining('Secret live/own-encoder under "streamKey"'),
    });
  });

  test.each([
    [{ latency: 'low' }, 'playback.latency low'],
    [{ access: 'signed' }, 'playback.access signed'],
    [{ recording: 'automatic' }, 'playback.recording automatic'],
  ] as const)('rejects %j', async (option, named) => {
    await expect(open().createStream({ ...request, ...option }, signal)).rejects.toMatchObject({
      reason: 'InvalidConfiguration',
      message: expect.stringContaining(named),
    });
  });

  test('cannot sign playback', async () => {
    const stream = { id: streamId('x'), playbackUrl: good.playbackUrl };
    await expect(open().signPlayback(stream, { expiresAt: new Date() })).rejects.toMatchObject({
      reason: 'InvalidConfiguration',
    });
  });
});
