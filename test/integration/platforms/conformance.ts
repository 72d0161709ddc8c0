import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { streamId, type StreamRequest } from '../../../src/platforms/platform.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { decode, fetchPlaylist, fetchText } from '../../support/media/hls-viewer.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';
import { signal, Trial } from './trial.ts';

/** For tests that wait for media. */
const MEDIA_MS = 300_000;

/**
 * What every platform must do, whatever it is: the contract of src/platforms/platform.ts, with real HTTP and real
 * media. Called at the top of a test file: `conformance('Amazon IVS', startIvs)`.
 */
export function conformance(name: string, start: () => Promise<PlatformUnderTest>): void {
  describe(`${name} as a platform`, () => {
    let subject: PlatformUnderTest;
    let trial: Trial;
    beforeAll(async () => {
      subject = await start();
      trial = new Trial(subject);
    }, 60_000);
    afterAll(async () => {
      await trial.stop();
      await subject[Symbol.asyncDispose]();
    });

    describe('credentials', () => {
      test('that are right are accepted', async () => {
        await expect(trial.platform.verify(signal())).resolves.toBeUndefined();
      });

      test('that are wrong are rejected, in every call', async () => {
        const wrong = subject.openWithWrongCredentials();
        const id = streamId(subject.absentId);
        const calls = [
          wrong.verify(signal()),
          wrong.createStream(trial.request(), signal()),
          wrong.findStreams(trial.request().name, signal()),
          wrong.openStream(id, signal()),
          wrong.observeStream(id, signal()),
          wrong.rotateKey(id, signal()),
          wrong.deleteStream(id, signal()),
          wrong.listStreams(signal()),
          wrong.analytics(signal()),
        ];
        // All at once: one that is refused while another is waited for would be nobody's.
        for (const error of await Promise.all(calls.map((call) => trial.failure(call))))
          expect(error).toMatchObject({ reason: 'CredentialsRejected', retryable: false, outcome: 'none' });
      });
    });

    test('where nothing answers it is unavailable, nothing was made, and trying again may help', async () => {
      const unreachable = subject.openUnreachable();
      const calls = [unreachable.verify(signal()), unreachable.createStream(trial.request(), signal())];
      for (const error of await Promise.all(calls.map((call) => trial.failure(call))))
        expect(error).toMatchObject({
          reason: 'PlatformUnavailable',
          retryable: true,
          outcome: 'none',
        });
    });

    test('stops waiting when it is told to', async () => {
      await expect(trial.platform.listStreams(AbortSignal.abort())).rejects.toBeDefined();
    });

    describe('creating', () => {
      test('makes a stream with an RTMPS ingest, a secret key, and a playback URL that does not show it', async () => {
        const stream = await trial.create();
        expect(stream.ingestUrl).toMatch(/^rtmps:\/\/.+\/$/);
        expect(stream.playbackUrl).toMatch(/^https?:\/\/.+\.m3u8/);
        expect(stream.streamKeyId).not.toBe('');
        const key = stream.streamKey.reveal();
        expect(key).not.toBe('');
        for (const shown of [stream.playbackUrl, stream.streamKeyId, stream.ingestUrl, stream.id])
          expect(shown).not.toContain(key);
      });

      test('makes what can be found by its name, opened and observed, with its owner', async () => {
        const request = trial.request();
        const made = await trial.create(request);
        const found = await trial.settled('it to be found', async () => {
          const streams = await trial.platform.findStreams(request.name, signal());
          return streams.length > 0 ? streams : undefined;
        });
        expect(found).toMatchObject([{ id: made.id, name: request.name, owner: request.owner }]);

        const opened = await trial.platform.openStream(made.id, signal());
        expect({ ...opened, streamKey: opened?.streamKey.reveal() }).toEqual({
          ...made,
          streamKey: made.streamKey.reveal(),
        });

        const observed = await trial.platform.observeStream(made.id, signal());
        expect(observed).toMatchObject({ id: made.id, name: request.name, owner: request.owner });
        expect(observed?.live ?? false).toBe(false);
        expect(observed?.liveSince).toBeUndefined();
        // A platform that does not know says so; it never gives -1.
        expect(observed?.viewers ?? 0).toBe(0);
        const [listed] = (await trial.listedWith(made.id)).filter(({ id }) => id === made.id);
        expect(listed).toMatchObject({ name: request.name, owner: request.owner });
      });

      test('finds nothing under a name that nothing has', async () => {
        expect(await trial.platform.findStreams(trial.request().name, signal())).toEqual([]);
      });

      test('said again makes the same stream, or another one that is found beside it, as the platform says', async () => {
        const request = trial.request();
        const first = await trial.create(request);
        const second = await trial.create(request);
        const ids = new Set([first.id, second.id]);
        expect(ids.size).toBe(trial.platform.capabilities.idempotentCreate ? 1 : 2);
        const found = await trial.settled('all of them to be found', async () => {
          const streams = await trial.platform.findStreams(request.name, signal());
          return streams.length >= ids.size ? streams : undefined;
        });
        // Oldest first.
        expect(found.map(({ id }) => id)).toEqual([...ids]);
        for (const { id } of found) await trial.delete(id);
      });

      test('makes another stream of the same name once the first was deleted', async () => {
        const request = trial.request();
        const first = await trial.create(request);
        await trial.delete(first.id);
        const second = await trial.create({ ...request, attempt: randomUUID() });
        await trial.listedWith(second.id);
        expect(await trial.platform.observeStream(second.id, signal())).toMatchObject({
          name: request.name,
          owner: request.owner,
        });
      });

      test('refuses what the platform does not offer, before anything is made', async () => {
        const { capabilities } = trial.platform;
        const beyond: Partial<StreamRequest>[] = [
          ...(capabilities.latencies.includes('low') ? [] : [{ latency: 'low' } as const]),
          ...(capabilities.signedPlayback ? [] : [{ access: 'signed' } as const]),
          ...(capabilities.recording ? [] : [{ recording: 'automatic' } as const]),
        ];
        for (const option of beyond) {
          const request = trial.request(option);
          const error = await trial.failure(trial.platform.createStream(request, signal()));
          expect(error).toMatchObject({ reason: 'InvalidConfiguration', retryable: false, outcome: 'none' });
          expect(error.message).toContain(`playback.${Object.keys(option).join()}`);
          expect(await trial.platform.findStreams(request.name, signal())).toEqual([]);
        }
      });

      test('makes what the platform says that it offers', async () => {
        const { capabilities } = trial.platform;
        const offered: Partial<StreamRequest>[] = [
          ...capabilities.latencies.map((latency) => ({ latency })),
          ...(capabilities.signedPlayback ? [{ access: 'signed' } as const] : []),
          ...(capabilities.recording ? [{ recording: 'automatic' } as const] : []),
        ];
        for (const option of offered) await trial.delete((await trial.create(trial.request(option))).id);
      });
    });

    describe('an answer that is lost', () => {
      test('on create: the outcome is unknown, and what was made is found, once', async () => {
        if (subject.loseNextAnswer === undefined) return;
        const request = trial.request();
        subject.loseNextAnswer('createStream');
        const error = await trial.failureOf(
          trial.platform.createStream(request, signal()).then((stream) => trial.note(stream)),
        );
        // What can be said again without harm may have been, inside the driver.
        if (error !== undefined || !trial.platform.capabilities.idempotentCreate)
          expect(error).toMatchObject({ retryable: true, outcome: 'unknown' });
        const found = await trial.settled('it to be found', async () => {
          const streams = await trial.platform.findStreams(request.name, signal());
          return streams.length > 0 ? streams : undefined;
        });
        expect(found).toMatchObject([{ name: request.name, owner: request.owner }]);
        const [only] = found;
        const opened = only && (await trial.platform.openStream(only.id, signal()));
        expect(opened?.playbackUrl).toMatch(/^https?:\/\/.+\.m3u8/);
        expect(opened?.streamKey.reveal()).not.toBe('');
      });

      test('on rotating the key: said again, it gives a key that differs from the old one', async () => {
        if (subject.loseNextAnswer === undefined) return;
        const stream = await trial.create();
        subject.loseNextAnswer('rotateKey');
        const error = await trial.failureOf(trial.platform.rotateKey(stream.id, signal()));
        if (error !== undefined) expect(error).toMatchObject({ retryable: true, outcome: 'unknown' });
        const rotated = await trial.platform.rotateKey(stream.id, signal());
        expect(rotated && trial.note(rotated).streamKey.reveal()).not.toBe(stream.streamKey.reveal());
        const opened = await trial.platform.openStream(stream.id, signal());
        expect(opened?.streamKey.reveal()).toBe(rotated?.streamKey.reveal());
        expect(opened?.streamKeyId).toBe(rotated?.streamKeyId);
      });

      test('on delete: said again, it is done', async () => {
        if (subject.loseNextAnswer === undefined) return;
        const request = trial.request();
        const { id } = await trial.create(request);
        subject.loseNextAnswer('deleteStream');
        const error = await trial.failureOf(trial.platform.deleteStream(id, signal()));
        if (error !== undefined) expect(error).toMatchObject({ retryable: true, outcome: 'unknown' });
        await trial.delete(id);
        expect(await trial.platform.observeStream(id, signal())).toBeUndefined();
        await trial.notListed(id, request.name);
      });
    });

    describe('whose a stream is', () => {
      test('what another cluster or nobody made is not listed, not found and not touched', async () => {
        const mine = await trial.create();
        const elsewhere = `cluster-${randomUUID()}`;
        const others = subject.open(elsewhere, 'first');
        const request = trial.request({}, { clusterId: elsewhere });
        const theirs = await trial.create(request, others);
        const foreign = await subject.makeForeignStream();

        expect((await trial.listedWith(theirs.id, others)).map(({ id }) => id)).toEqual([theirs.id]);
        const listed = await trial.listedWith(mine.id);
        expect(listed.every(({ owner }) => owner?.clusterId === trial.clusterId)).toBe(true);
        expect(await trial.platform.findStreams(request.name, signal())).toEqual([]);
        for (const id of [theirs.id, foreign]) {
          expect(listed.map((stream) => String(stream.id))).not.toContain(id);
          expect(await subject.exists(id)).toBe(true);
        }
      });

      test('two StreamingPlatforms of one cluster are told apart', async () => {
        const first = await trial.create();
        const request = trial.request({}, { platform: 'second' });
        const second = await trial.create(request, subject.open(trial.clusterId, 'second'));
        await trial.listedWith(first.id);
        const listed = await trial.listedWith(second.id);
        const platformOf = new Map(listed.map(({ id, owner }) => [id, owner?.platform]));
        expect(platformOf.get(first.id)).toBe('first');
        expect(platformOf.get(second.id)).toBe('second');
      });

      test('a stream that was disowned is kept, and nobody’s', async () => {
        const request = trial.request();
        const stream = await trial.create(request);
        await trial.platform.disownStream(stream.id, signal());
        await trial.platform.disownStream(stream.id, signal());
        await trial.notListed(stream.id, request.name);
        expect(await subject.exists(stream.id)).toBe(true);
        expect(await trial.platform.observeStream(stream.id, signal())).toMatchObject({ owner: undefined });
      });
    });

    test('what does not exist is undefined, and gone', async () => {
      const id = streamId(subject.absentId);
      expect(await trial.platform.observeStream(id, signal())).toBeUndefined();
      expect(await trial.platform.openStream(id, signal())).toBeUndefined();
      expect(await trial.platform.rotateKey(id, signal())).toBeUndefined();
      await expect(trial.platform.disownStream(id, signal())).resolves.toBeUndefined();
      expect(await trial.platform.deleteStream(id, signal())).toBe(true);
    });

    describe('on air', () => {
      test(
        'plays what is pushed, shows it as live, and as off air once the publisher has left',
        async () => {
          const stream = await trial.create();
          const publisher = await trial.onAir(stream);
          const seen = await trial.until('it to be live', stream.id, ({ live }) => live === true);
          if (seen.liveSince !== undefined)
            expect(Math.abs(seen.liveSince.getTime() - Date.now())).toBeLessThan(120_000);
          await eventually('a playlist', trial.patienceSeconds, () => fetchPlaylist(stream.playbackUrl));
          const [video, audio] = await decode(stream.playbackUrl);
          expect(video).toMatchObject({ codec: 'h264' });
          expect(video?.frames).toBeGreaterThanOrEqual(50);
          expect(audio).toMatchObject({ codec: 'aac' });
          expect(audio?.frames).toBeGreaterThanOrEqual(90);
          await publisher.stop();
          const off = await trial.until('it to be off air', stream.id, ({ live }) => live === false);
          expect(off.liveSince).toBeUndefined();
        },
        MEDIA_MS,
      );

      test(
        'analytics tell of what is live and of nothing else',
        async () => {
          const stream = await trial.create();
          const quiet = await trial.create();
          const elsewhere = `cluster-${randomUUID()}`;
          const others = subject.open(elsewhere, 'first');
          const theirs = await trial.create(trial.request({}, { clusterId: elsewhere }), others);
          const publisher = await trial.onAir(stream);
          await trial.onAir(theirs, others);
          const [ours, told] = await eventually('analytics of it', trial.patienceSeconds, async () => {
            const all = await trial.platform.analytics(signal());
            const one = all.get(stream.id);
            return one && ([all, one] as const);
          });
          expect(ours.has(quiet.id)).toBe(false);
          expect(ours.has(theirs.id)).toBe(false);
          expect(told.viewers ?? 0).toBeGreaterThanOrEqual(0);
          expect(told.ingestBitrateKbps ?? 0).toBeGreaterThanOrEqual(0);
          await publisher.stop();
          await eventually('it to leave the analytics', trial.patienceSeconds, async () =>
            (await trial.platform.analytics(signal())).has(stream.id) ? undefined : true,
          );
        },
        MEDIA_MS,
      );

      test(
        'a key that is rotated cuts its publisher off and is refused; the new one serves the same address',
        async () => {
          const stream = await trial.create();
          const publisher = await trial.onAir(stream);
          const rotated = await trial.platform.rotateKey(stream.id, signal());
          if (rotated === undefined) throw new Error('the stream is gone');
          trial.note(rotated);
          expect(rotated).toMatchObject({ id: stream.id, playbackUrl: stream.playbackUrl });
          expect(rotated.streamKey.reveal()).not.toBe(stream.streamKey.reveal());
          expect(rotated.streamKeyId).not.toBe(stream.streamKeyId);
          expect(await trial.cutOff(publisher)).not.toBe(0);
          expect(await trial.cutOff(trial.publish(stream))).not.toBe(0);
          await trial.onAir(rotated);
          await eventually('a playlist', trial.patienceSeconds, () => fetchPlaylist(stream.playbackUrl));
        },
        MEDIA_MS,
      );

      test(
        'a publisher that leaves ends the broadcast and not the stream, which can be pushed to again',
        async () => {
          const stream = await trial.create();
          const publisher = await trial.onAir(stream);
          await publisher.stop();
          await trial.until('it to be off air', stream.id, ({ live }) => live === false);
          const again = await trial.platform.openStream(stream.id, signal());
          if (again === undefined) throw new Error('the stream is gone');
          expect(trial.note(again).playbackUrl).toBe(stream.playbackUrl);
          await trial.onAir(again);
        },
        MEDIA_MS,
      );
    });

    describe('deleting', () => {
      test('a stream that is off air, twice', async () => {
        const request = trial.request();
        const { id } = await trial.create(request);
        await trial.delete(id);
        expect(await trial.platform.observeStream(id, signal())).toBeUndefined();
        expect(await trial.platform.openStream(id, signal())).toBeUndefined();
        await trial.notListed(id, request.name);
        expect(await trial.platform.deleteStream(id, signal())).toBe(true);
        expect(await subject.exists(id)).toBe(false);
      });

      test(
        'a stream that is live: its publisher is cut off and cannot come back',
        async () => {
          const stream = await trial.create();
          const publisher = await trial.onAir(stream);
          await trial.delete(stream.id);
          expect(await trial.cutOff(publisher)).not.toBe(0);
          expect(await trial.cutOff(trial.publish(stream))).not.toBe(0);
          expect(await subject.exists(stream.id)).toBe(false);
        },
        MEDIA_MS,
      );
    });

    describe('signed playback', () => {
      test(
        'plays, segments too, at the signed address and at no other',
        async () => {
          if (!trial.platform.capabilities.signedPlayback) return;
          const stream = await trial.create(trial.request({ access: 'signed' }));
          await trial.onAir(stream);
          const grant = { expiresAt: new Date(Date.now() + 300_000), viewerId: 'viewer-1' };
          const signed = await trial.platform.signPlayback(stream, grant);
          await eventually('a playlist', trial.patienceSeconds, () => fetchPlaylist(signed));
          const [video] = await decode(signed);
          expect(video).toMatchObject({ codec: 'h264' });
          expect(video?.frames).toBeGreaterThanOrEqual(50);
          for (const url of [stream.playbackUrl, spoilt(signed)])
            expect((await fetchText(url)).status).toBeGreaterThanOrEqual(400);
          const brief = { expiresAt: new Date(Date.now() + 2_000) };
          const short = await trial.platform.signPlayback(stream, brief);
          await eventually('it to expire', trial.patienceSeconds, async () =>
            (await fetchText(short)).status >= 400 ? true : undefined,
          );
          expect((await fetchText(signed)).status).toBe(200);
        },
        MEDIA_MS,
      );

      test('is refused where the platform does not offer it', async () => {
        if (trial.platform.capabilities.signedPlayback) return;
        const stream = await trial.create();
        const grant = { expiresAt: new Date(Date.now() + 300_000) };
        const error = await trial.failure(trial.platform.signPlayback(stream, grant));
        expect(error).toMatchObject({ reason: 'InvalidConfiguration', retryable: false });
      });
    });

    test('no error and no answer has shown a secret', () => {
      expect(trial.leaks()).toEqual([]);
    });
  });
}

/** The same address with one letter of its token changed. */
function spoilt(url: string): string {
  const [token = ''] = (url.match(/[\w-]{16,}/g) ?? []).sort((a, b) => b.length - a.length);
  const middle = Math.floor(token.length / 2);
  const letter = token[middle] === 'A' ? 'B' : 'A';
  return url.replace(token, token.slice(0, middle) + letter + token.slice(middle + 1));
}
