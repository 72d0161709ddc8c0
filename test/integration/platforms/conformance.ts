import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PlatformError } from '../../../src/platforms/errors.ts';
import {
  streamId,
  type ObservedStream,
  type Platform,
  type ProvisionedStream,
  type StreamOwner,
  type StreamRequest,
} from '../../../src/platforms/platform.ts';
import { streamName } from '../../../src/platforms/stream-name.ts';
import { eventually } from '../../e2e/lib/eventually.ts';
import type { Publisher } from '../origin/publisher.ts';
import { decode, fetchPlaylist } from '../origin/viewer.ts';

/** What the suite needs of a platform under test. */
export interface PlatformUnderTest extends AsyncDisposable {
  /** The driver as the operator of this cluster has it; called more than once. */
  open(clusterId: string): Platform;
  /** The same with credentials that the platform does not know. */
  openWithWrongCredentials(): Platform;
  /** The same at an address where nothing answers. */
  openUnreachable(): Platform;
  /** Pushes a test picture and a tone to the stream, over RTMPS with the certificate checked. */
  publish(stream: ProvisionedStream): Publisher;
  /** Makes a stream that no operator made. */
  makeForeignStream(): Promise<void>;
}

/** What every platform must do, whatever it is: the contract of src/platforms/platform.ts, with real media. */
export function conformance(name: string, start: () => Promise<PlatformUnderTest>): void {
  describe(`${name} as a platform`, () => {
    let subject: PlatformUnderTest;
    let platform: Platform;
    const clusterId = `cluster-${randomUUID()}`;
    const signal = (): AbortSignal => AbortSignal.timeout(30_000);
    const requestFor = (owner: StreamOwner): StreamRequest => ({
      name: streamName(owner),
      owner,
      latency: 'standard',
      access: 'public',
      recording: 'off',
    });
    const newOwner = (cluster = clusterId): StreamOwner => ({
      clusterId: cluster,
      channelUid: randomUUID(),
      channel: 'shop/auction',
    });
    const until = (
      what: string,
      stream: ProvisionedStream,
      accept: (observed: ObservedStream) => boolean,
    ): Promise<ObservedStream> =>
      eventually(what, 60, async () => {
        const observed = await platform.observeStream(stream.id, signal());
        return observed && accept(observed) ? observed : undefined;
      });

    beforeAll(async () => {
      subject = await start();
      platform = subject.open(clusterId);
    }, 60_000);
    afterAll(async () => {
      await subject[Symbol.asyncDispose]();
    });

    test('accepts credentials that are right', async () => {
      await expect(platform.verify(signal())).resolves.toBeUndefined();
    });

    test('says that wrong credentials are rejected, in every call, and does not show them', async () => {
      const wrong = subject.openWithWrongCredentials();
      const calls = [
        wrong.verify(signal()),
        wrong.ensureStream(requestFor(newOwner()), signal()),
        wrong.observeStream(streamId('lc-x'), signal()),
        wrong.deleteStream(streamId('lc-x'), signal()),
        wrong.listStreams(signal()),
      ];
      // All at once: one that is refused while another is waited for would be nobody's.
      for (const error of await Promise.all(calls.map(failure)))
        expect(error).toMatchObject({ reason: 'CredentialsRejected', retryable: false });
    });

    test('says that it is unavailable where nothing answers, and that trying again may help', async () => {
      const error = await failure(subject.openUnreachable().verify(signal()));
      expect(error).toMatchObject({ reason: 'PlatformUnavailable', retryable: true });
    });

    test('stops waiting when it is told to', async () => {
      const error = await failure(platform.listStreams(AbortSignal.abort()));
      expect(error.reason).toBe('PlatformUnavailable');
    });

    test('gives the same stream however often it is asked for, also at once', async () => {
      const request = requestFor(newOwner());
      const first = await platform.ensureStream(request, signal());
      const others = await Promise.all(
        [1, 2, 3].map(() => subject.open(clusterId).ensureStream(request, signal())),
      );
      for (const other of others) {
        expect(other.id).toBe(first.id);
        expect(other.playbackUrl).toBe(first.playbackUrl);
        expect(other.streamKey.reveal()).toBe(first.streamKey.reveal());
      }
      const listed = await platform.listStreams(signal());
      expect(listed.filter(({ id }) => id === first.id)).toHaveLength(1);
    });

    test('makes a stream with an RTMPS ingest, a secret key, and a playback URL that does not show it', async () => {
      const stream = await platform.ensureStream(requestFor(newOwner()), signal());
      expect(stream.ingestUrl).toMatch(/^rtmps:\/\/.+\/$/);
      expect(stream.playbackUrl).toMatch(/^https?:\/\/.+\.m3u8/);
      expect(stream.streamKeyId).not.toBe('');
      expect(stream.playbackUrl).not.toContain(stream.streamKey.reveal());
      expect(JSON.stringify(stream)).not.toContain(stream.streamKey.reveal());
    });

    test('shows a new stream as not live, with its owner', async () => {
      const owner = newOwner();
      const request = requestFor(owner);
      const { id } = await platform.ensureStream(request, signal());
      const observed = await platform.observeStream(id, signal());
      expect(observed).toMatchObject({ id, name: request.name, owner, live: false, liveSince: undefined });
      expect(observed?.createdAt?.getTime()).toBeGreaterThan(Date.now() - 60_000);
      // A platform that does not know says so; it never gives -1.
      expect(observed?.viewers ?? 0).toBe(0);
    });

    test('refuses what it does not offer, and makes nothing', async () => {
      const { capabilities } = platform;
      const beyond: Partial<StreamRequest>[] = [
        ...(capabilities.latencies.includes('low') ? [] : [{ latency: 'low' } as const]),
        ...(capabilities.signedPlayback ? [] : [{ access: 'signed' } as const]),
        ...(capabilities.recording ? [] : [{ recording: 'automatic' } as const]),
      ];
      for (const option of beyond) {
        const request = { ...requestFor(newOwner()), ...option };
        const error = await failure(platform.ensureStream(request, signal()));
        expect(error).toMatchObject({ reason: 'InvalidConfiguration', retryable: false });
        expect(error.message).toContain(`playback.${Object.keys(option).join()}`);
        const names = (await platform.listStreams(signal())).map((stream) => stream.name);
        expect(names).not.toContain(request.name);
      }
    });

    test('lists what is of this cluster, and nothing that is of another or of nobody', async () => {
      const mine = await platform.ensureStream(requestFor(newOwner()), signal());
      const elsewhere = `cluster-${randomUUID()}`;
      const other = subject.open(elsewhere);
      const theirs = await other.ensureStream(requestFor(newOwner(elsewhere)), signal());
      await subject.makeForeignStream();
      const listed = await platform.listStreams(signal());
      expect(listed.map(({ id }) => id)).toContain(mine.id);
      expect(listed.every(({ owner }) => owner?.clusterId === clusterId)).toBe(true);
      expect((await other.listStreams(signal())).map(({ id }) => id)).toEqual([theirs.id]);
    });

    test('does not list a stream that was disowned, and keeps it', async () => {
      const stream = await platform.ensureStream(requestFor(newOwner()), signal());
      await platform.disownStream(stream.id, signal());
      await platform.disownStream(stream.id, signal());
      expect((await platform.listStreams(signal())).map(({ id }) => id)).not.toContain(stream.id);
      expect(await platform.observeStream(stream.id, signal())).toMatchObject({ owner: undefined });
    });

    test('forgets a deleted stream, and takes deleting it again as done', async () => {
      const { id } = await platform.ensureStream(requestFor(newOwner()), signal());
      await eventually('it to be gone', 60, async () =>
        (await platform.deleteStream(id, signal())) ? true : undefined,
      );
      expect(await platform.observeStream(id, signal())).toBeUndefined();
      expect((await platform.listStreams(signal())).map((stream) => stream.id)).not.toContain(id);
      expect(await platform.deleteStream(id, signal())).toBe(true);
      await expect(platform.disownStream(id, signal())).resolves.toBeUndefined();
    });

    test('plays what is pushed, shows it as live, and ends it when the stream is deleted', async () => {
      const stream = await platform.ensureStream(requestFor(newOwner()), signal());
      const publisher = subject.publish(stream);
      const observed = await until('the stream to be live', stream, ({ live }) => live);
      expect(Math.abs((observed.liveSince?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
      await eventually('a playlist', 60, () => fetchPlaylist(stream.playbackUrl));
      const [video, audio] = await decode(stream.playbackUrl);
      expect(video).toMatchObject({ codec: 'h264' });
      expect(video?.frames).toBeGreaterThanOrEqual(50);
      expect(audio).toMatchObject({ codec: 'aac' });
      expect(audio?.frames).toBeGreaterThanOrEqual(90);
      await eventually('it to be gone', 60, async () =>
        (await platform.deleteStream(stream.id, signal())) ? true : undefined,
      );
      expect((await publisher.ended).code).not.toBe(0);
      expect((await subject.publish(stream).ended).code).not.toBe(0);
    }, 180_000);

    test('is not live any more once the publisher has left', async () => {
      const stream = await platform.ensureStream(requestFor(newOwner()), signal());
      const publisher = subject.publish(stream);
      await until('the stream to be live', stream, ({ live }) => live);
      await publisher.stop();
      const observed = await until('the stream to be off air', stream, ({ live }) => !live);
      expect(observed.liveSince).toBeUndefined();
    }, 180_000);
  });
}

/** The PlatformError that the call ends with. */
async function failure(call: Promise<unknown>): Promise<PlatformError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof PlatformError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
