import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  streamId,
  type OwnedStream,
  type Platform,
  type ProvisionedStream,
  type StreamOwner,
  type StreamRequest,
} from '../../../src/platforms/platform.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { decode, fetchPlaylist, fetchText } from '../../support/media/hls-viewer.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';
import { asOperatorsUse, signal, Trial } from './trial.ts';

/** Timeout of tests that wait for media. */
const MEDIA_MS = 300_000;

/**
 * The behaviour that every platform must have: the contract of src/platforms/platform.ts, with real HTTP and real
 * media.
 * Called at the top of a test file: `conformance('Amazon IVS', startIvs)`.
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

      test('that are wrong are rejected in every call', async () => {
        const wrong = asOperatorsUse(subject.openWithWrongCredentials());
        const absent = trial.owned(streamId(subject.absentId));
        const request = trial.request();
        const calls = [
          wrong.verify(signal()),
          wrong.createStream(request, signal()),
          wrong.findStreams(request.name, request.owner, signal()),
          wrong.openStream(absent, signal()),
          wrong.observeStream(absent, signal()),
          wrong.rotateKey(absent, signal()),
          wrong.deleteStream(absent, signal()),
          wrong.listStreams(signal()),
          wrong.analytics(signal()),
        ];
        // All at once: a rejection while another one is awaited would be unhandled.
        for (const error of await Promise.all(calls.map((call) => trial.failure(call))))
          expect(error).toMatchObject({ reason: 'CredentialsRejected', retryable: false, outcome: 'none' });
      });
    });

    test('when the API does not respond, it is unavailable, nothing was created, and a retry may help', async () => {
      const unreachable = asOperatorsUse(subject.openUnreachable());
      const calls = [unreachable.verify(signal()), unreachable.createStream(trial.request(), signal())];
      for (const error of await Promise.all(calls.map((call) => trial.failure(call))))
        expect(error).toMatchObject({
          reason: 'PlatformUnavailable',
          retryable: true,
          outcome: 'none',
        });
    });

    test('stops waiting when it is aborted', async () => {
      await expect(trial.platform.listStreams(AbortSignal.abort())).rejects.toBeDefined();
    });

    describe('creating', () => {
      test('creates a stream with an RTMPS ingest, a secret key, and a playback URL without the key', async () => {
        const stream = await trial.create();
        expect(stream.ingestUrl).toMatch(/^rtmps:\/\/.+\/$/);
        expect(stream.playbackUrl).toMatch(/^https?:\/\/.+\.m3u8/);
        expect(stream.streamKeyId).not.toBe('');
        const key = stream.streamKey.reveal();
        expect(key).not.toBe('');
        for (const shown of [stream.playbackUrl, stream.streamKeyId, stream.ingestUrl, stream.id])
          expect(shown).not.toContain(key);
      });

      test('creates a stream that can be found by name, opened and observed, with its owner', async () => {
        const request = trial.request();
        const made = await trial.create(request);
        const found = await trial.settled('the stream is found', async () => {
          const streams = await trial.platform.findStreams(request.name, request.owner, signal());
          return streams.length > 0 ? streams : undefined;
        });
        expect(found).toMatchObject([{ id: made.id, name: request.name, owner: request.owner }]);

        const opened = await trial.platform.openStream(trial.owned(made.id), signal());
        expect({ ...opened, streamKey: opened?.streamKey.reveal() }).toEqual({
          ...made,
          streamKey: made.streamKey.reveal(),
        });

        const observed = await trial.platform.observeStream(trial.owned(made.id), signal());
        expect(observed).toMatchObject({ id: made.id, name: request.name, owner: request.owner });
        expect(observed?.live ?? false).toBe(false);
        expect(observed?.liveSince).toBeUndefined();
        // A platform that does not know the number omits it; it never returns -1.
        expect(observed?.viewers ?? 0).toBe(0);
        const [listed] = (await trial.listedWith(made.id)).filter(({ id }) => id === made.id);
        expect(listed).toMatchObject({ name: request.name, owner: request.owner });
      });

      test('finds nothing for an unused name', async () => {
        const unused = trial.request();
        expect(await trial.platform.findStreams(unused.name, unused.owner, signal())).toEqual([]);
      });

      test('creates the same stream again, or a second one that is also found, as its capabilities say', async () => {
        const request = trial.request();
        const first = await trial.create(request);
        const second = await trial.create(request);
        const ids = new Set([first.id, second.id]);
        expect(ids.size).toBe(trial.platform.capabilities.idempotentCreate ? 1 : 2);
        const found = await trial.settled('all streams are found', async () => {
          const streams = await trial.platform.findStreams(request.name, request.owner, signal());
          return streams.length >= ids.size ? streams : undefined;
        });
        // Oldest first.
        expect(found.map(({ id }) => id)).toEqual([...ids]);
        for (const { id } of found) await trial.delete(id);
      });

      test('creates another stream of the same name once the first was deleted', async () => {
        const request = trial.request();
        const first = await trial.create(request);
        await trial.delete(first.id);
        const second = await trial.create({ ...request, attempt: randomUUID() });
        await trial.listedWith(second.id);
        expect(await trial.platform.observeStream(trial.owned(second.id), signal())).toMatchObject({
          name: request.name,
          owner: request.owner,
        });
      });

      test('rejects unsupported options before anything is created', async () => {
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
          expect(await trial.platform.findStreams(request.name, request.owner, signal())).toEqual([]);
        }
      });

      test('creates streams with all supported options', async () => {
        const { capabilities } = trial.platform;
        const offered: Partial<StreamRequest>[] = [
          ...capabilities.latencies.map((latency) => ({ latency })),
          ...(capabilities.signedPlayback ? [{ access: 'signed' } as const] : []),
          ...(capabilities.recording ? [{ recording: 'automatic' } as const] : []),
        ];
        for (const option of offered) await trial.delete((await trial.create(trial.request(option))).id);
      });
    });

    describe('a lost response', () => {
      test('on create: the outcome is unknown, and the stream is found once', async () => {
        if (subject.loseNextAnswer === undefined) return;
        const request = trial.request();
        subject.loseNextAnswer('createStream');
        const error = await trial.failureOf(
          trial.platform.createStream(request, signal()).then((stream) => trial.note(stream)),
        );
        // The driver may have repeated an idempotent call itself.
        if (error !== undefined || !trial.platform.capabilities.idempotentCreate)
          expect(error).toMatchObject({ retryable: true, outcome: 'unknown' });
        const found = await trial.settled('the stream is found', async () => {
          const streams = await trial.platform.findStreams(request.name, request.owner, signal());
          return streams.length > 0 ? streams : undefined;
        });
        expect(found).toMatchObject([{ name: request.name, owner: request.owner }]);
        const [only] = found;
        const owned = only && { id: only.id, owner: request.owner };
        const opened = owned && (await trial.platform.openStream(owned, signal()));
        expect(opened?.playbackUrl).toMatch(/^https?:\/\/.+\.m3u8/);
        expect(opened?.streamKey.reveal()).not.toBe('');
      });

      test('on key rotation: a retry returns a key that differs from the old one', async () => {
        if (subject.loseNextAnswer === undefined) return;
        const stream = await trial.create();
        subject.loseNextAnswer('rotateKey');
        const error = await trial.failureOf(trial.platform.rotateKey(trial.owned(stream.id), signal()));
        if (error !== undefined) expect(error).toMatchObject({ retryable: true, outcome: 'unknown' });
        const rotated = await trial.platform.rotateKey(trial.owned(stream.id), signal());
        expect(rotated && trial.note(rotated).streamKey.reveal()).not.toBe(stream.streamKey.reveal());
        const opened = await trial.platform.openStream(trial.owned(stream.id), signal());
        expect(opened?.streamKey.reveal()).toBe(rotated?.streamKey.reveal());
        expect(opened?.streamKeyId).toBe(rotated?.streamKeyId);
      });

      test('on delete: a retry succeeds', async () => {
        if (subject.loseNextAnswer === undefined) return;
        const request = trial.request();
        const { id } = await trial.create(request);
        subject.loseNextAnswer('deleteStream');
        const error = await trial.failureOf(trial.platform.deleteStream(trial.owned(id), signal()));
        if (error !== undefined) expect(error).toMatchObject({ retryable: true, outcome: 'unknown' });
        await trial.delete(id);
        expect(await trial.platform.observeStream(trial.owned(id), signal())).toBeUndefined();
        await trial.notListed(id, request.name);
      });
    });

    describe('the owner of a stream', () => {
      test('streams without an owner or of another cluster are not listed, not found and not touched', async () => {
        const mine = await trial.create();
        const elsewhere = `cluster-${randomUUID()}`;
        const others = trial.another(elsewhere);
        const request = trial.request({}, { clusterId: elsewhere });
        const theirs = await trial.create(request, others);
        const foreign = await subject.makeForeignStream();

        expect((await trial.listedWith(theirs.id, others)).map(({ id }) => id)).toEqual([theirs.id]);
        const listed = await trial.listedWith(mine.id);
        expect(listed.every(({ owner }) => owner?.clusterId === trial.clusterId)).toBe(true);
        expect(await trial.platform.findStreams(request.name, request.owner, signal())).toEqual([]);
        for (const id of [theirs.id, foreign]) {
          expect(listed.map((stream) => String(stream.id))).not.toContain(id);
          expect(await subject.exists(id)).toBe(true);
        }
      });

      test('two StreamingPlatforms of one cluster are distinguished', async () => {
        const first = await trial.create();
        const request = trial.request({}, { platform: 'second' });
        const second = await trial.create(request, trial.another(trial.clusterId, 'second'));
        await trial.listedWith(first.id);
        const listed = await trial.listedWith(second.id);
        const platformOf = new Map(listed.map(({ id, owner }) => [id, owner?.platform]));
        expect(platformOf.get(first.id)).toBe('first');
        expect(platformOf.get(second.id)).toBe('second');
      });

      test('a disowned stream is kept without an owner', async () => {
        const request = trial.request();
        const stream = await trial.create(request);
        await trial.platform.disownStream(trial.owned(stream.id), signal());
        await trial.platform.disownStream(trial.owned(stream.id), signal());
        await trial.notListed(stream.id, request.name);
        expect(await subject.exists(stream.id)).toBe(true);
        expect(await trial.platform.observeStream(trial.owned(stream.id), signal())).toBeUndefined();
        expect(await trial.another().observeStream(trial.owned(stream.id), signal())).toBeUndefined();
      });
    });

    describe('a stream of another channel is not there', () => {
      let victim: ProvisionedStream;
      let request: StreamRequest;
      beforeAll(async () => {
        request = trial.request(trial.platform.capabilities.signedPlayback ? { access: 'signed' } : {});
        victim = await trial.create(request);
        await trial.listedWith(victim.id);
      });

      /** Owners that differ from the stream's in one point each. */
      const others = (): readonly StreamOwner[] => [
        { ...request.owner, channelUid: randomUUID() },
        { ...request.owner, clusterId: `cluster-${randomUUID()}` },
        { ...request.owner, platform: 'second' },
      ];
      /** An operator that has seen the stream, and one that has just been started. */
      const operators = (): readonly Platform[] => [trial.platform, trial.another()];
      const calls: Readonly<Record<string, (platform: Platform, stream: OwnedStream) => Promise<unknown>>> = {
        openStream: (platform, stream) => platform.openStream(stream, signal()),
        observeStream: (platform, stream) => platform.observeStream(stream, signal()),
        rotateKey: (platform, stream) => platform.rotateKey(stream, signal()),
        findStreams: async (platform, { owner }) => {
          const found = await platform.findStreams(request.name, owner, signal());
          return found.length === 0 ? undefined : found;
        },
        disownStream: (platform, stream) => platform.disownStream(stream, signal()),
        deleteStream: async (platform, stream) =>
          (await platform.deleteStream(stream, signal())) ? undefined : 'still there',
        signPlayback: async (platform, stream) => {
          const grant = { expiresAt: new Date(Date.now() + 300_000) };
          const error = await trial.failure(platform.signPlayback(stream, grant, signal()));
          expect(error).toMatchObject({ reason: 'InvalidConfiguration', retryable: false, outcome: 'none' });
          expect(error.message).not.toContain(victim.id);
          return undefined;
        },
      };

      test.each(Object.entries(calls))('for %s, which changes nothing', async (_name, call) => {
        for (const owner of others())
          for (const operator of operators())
            expect(await call(operator, { id: victim.id, owner })).toBeUndefined();
        const opened = await trial.another().openStream(trial.owned(victim.id), signal());
        expect(opened?.streamKey.reveal()).toBe(victim.streamKey.reveal());
        expect(opened?.streamKeyId).toBe(victim.streamKeyId);
        const observed = await trial.another().observeStream(trial.owned(victim.id), signal());
        expect(observed).toMatchObject({ id: victim.id, owner: request.owner });
      });

      const byId = Object.entries(calls).filter(([name]) => name !== 'findStreams');
      test.each(byId)('nor is one that nobody tagged, for %s', async (_name, call) => {
        const foreign = streamId(await subject.makeForeignStream());
        for (const operator of operators())
          expect(await call(operator, { id: foreign, owner: request.owner })).toBeUndefined();
        expect(await subject.exists(foreign)).toBe(true);
      });
    });

    test('what is no ID of the platform is not there, and is not asked for', async () => {
      const silent = asOperatorsUse(subject.openUnreachable());
      for (const text of [
        '',
        '.',
        '../streams',
        `${subject.absentId}/../x`,
        'a b',
        'a\r\nb',
        'ä',
        'x'.repeat(5_000),
      ]) {
        const stream = trial.owned(streamId(text));
        expect(await silent.openStream(stream, signal())).toBeUndefined();
        expect(await silent.observeStream(stream, signal())).toBeUndefined();
        expect(await silent.rotateKey(stream, signal())).toBeUndefined();
        expect(await silent.deleteStream(stream, signal())).toBe(true);
        await silent.disownStream(stream, signal());
      }
    });

    test('a missing stream is undefined, and deleting it succeeds', async () => {
      const id = streamId(subject.absentId);
      expect(await trial.platform.observeStream(trial.owned(id), signal())).toBeUndefined();
      expect(await trial.platform.openStream(trial.owned(id), signal())).toBeUndefined();
      expect(await trial.platform.rotateKey(trial.owned(id), signal())).toBeUndefined();
      await expect(trial.platform.disownStream(trial.owned(id), signal())).resolves.toBeUndefined();
      expect(await trial.platform.deleteStream(trial.owned(id), signal())).toBe(true);
    });

    describe('on air', () => {
      test(
        'can play what is pushed, and observes it as live until the publisher has left',
        async () => {
          const stream = await trial.create();
          const publisher = await trial.onAir(stream);
          const seen = await trial.until('the stream is live', stream.id, ({ live }) => live === true);
          if (seen.liveSince !== undefined)
            expect(Math.abs(seen.liveSince.getTime() - Date.now())).toBeLessThan(120_000);
          await eventually('a playlist', trial.patienceSeconds, () => fetchPlaylist(stream.playbackUrl));
          const [video, audio] = await decode(stream.playbackUrl);
          expect(video).toMatchObject({ codec: 'h264' });
          expect(video?.frames).toBeGreaterThanOrEqual(50);
          expect(audio).toMatchObject({ codec: 'aac' });
          expect(audio?.frames).toBeGreaterThanOrEqual(90);
          await publisher.stop();
          const off = await trial.until('the stream is off air', stream.id, ({ live }) => live === false);
          expect(off.liveSince).toBeUndefined();
        },
        MEDIA_MS,
      );

      test(
        'analytics contain live streams only',
        async () => {
          const stream = await trial.create();
          const quiet = await trial.create();
          const elsewhere = `cluster-${randomUUID()}`;
          const others = trial.another(elsewhere);
          const theirs = await trial.create(trial.request({}, { clusterId: elsewhere }), others);
          const publisher = await trial.onAir(stream);
          await trial.onAir(theirs, others);
          const [ours, told] = await eventually('its analytics', trial.patienceSeconds, async () => {
            const all = await trial.platform.analytics(signal());
            const one = all.get(stream.id);
            return one && ([all, one] as const);
          });
          expect(ours.has(quiet.id)).toBe(false);
          expect(ours.has(theirs.id)).toBe(false);
          expect(told.viewers ?? 0).toBeGreaterThanOrEqual(0);
          expect(told.ingestBitrateKbps ?? 0).toBeGreaterThanOrEqual(0);
          await publisher.stop();
          await eventually('the stream has left the analytics', trial.patienceSeconds, async () =>
            (await trial.platform.analytics(signal())).has(stream.id) ? undefined : true,
          );
        },
        MEDIA_MS,
      );

      test(
        'rotating a key disconnects its publisher and invalidates it; the new one serves the same URL',
        async () => {
          const stream = await trial.create();
          const publisher = await trial.onAir(stream);
          const rotated = await trial.platform.rotateKey(trial.owned(stream.id), signal());
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
        'a publisher that leaves ends the broadcast but not the stream, which can be pushed to again',
        async () => {
          const stream = await trial.create();
          const publisher = await trial.onAir(stream);
          await publisher.stop();
          await trial.until('the stream is off air', stream.id, ({ live }) => live === false);
          const again = await trial.platform.openStream(trial.owned(stream.id), signal());
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
        expect(await trial.platform.observeStream(trial.owned(id), signal())).toBeUndefined();
        expect(await trial.platform.openStream(trial.owned(id), signal())).toBeUndefined();
        await trial.notListed(id, request.name);
        expect(await trial.platform.deleteStream(trial.owned(id), signal())).toBe(true);
        expect(await subject.exists(id)).toBe(false);
      });

      test(
        'a live stream: its publisher is disconnected and cannot return',
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
        'can be played, segments too, at the signed URL only',
        async () => {
          if (!trial.platform.capabilities.signedPlayback) return;
          const stream = await trial.create(trial.request({ access: 'signed' }));
          await trial.onAir(stream);
          const grant = { expiresAt: new Date(Date.now() + 300_000), viewerId: 'viewer-1' };
          const signed = await trial.platform.signPlayback(trial.owned(stream.id), grant, signal());
          await eventually('a playlist', trial.patienceSeconds, () => fetchPlaylist(signed));
          const [video] = await decode(signed);
          expect(video).toMatchObject({ codec: 'h264' });
          expect(video?.frames).toBeGreaterThanOrEqual(50);
          for (const url of [stream.playbackUrl, spoilt(signed)])
            expect((await fetchText(url)).status).toBeGreaterThanOrEqual(400);
          const brief = { expiresAt: new Date(Date.now() + 2_000) };
          const short = await trial.platform.signPlayback(trial.owned(stream.id), brief, signal());
          await eventually('the URL has expired', trial.patienceSeconds, async () =>
            (await fetchText(short)).status >= 400 ? true : undefined,
          );
          expect((await fetchText(signed)).status).toBe(200);
        },
        MEDIA_MS,
      );

      test('is rejected where the platform does not support it', async () => {
        if (trial.platform.capabilities.signedPlayback) return;
        const stream = await trial.create();
        const grant = { expiresAt: new Date(Date.now() + 300_000) };
        const error = await trial.failure(
          trial.platform.signPlayback(trial.owned(stream.id), grant, signal()),
        );
        expect(error).toMatchObject({ reason: 'InvalidConfiguration', retryable: false });
      });
    });

    test('no error and no result has contained a secret', () => {
      expect(trial.leaks()).toEqual([]);
    });
  });
}

/** The same URL with one letter of its token changed. */
function spoilt(url: string): string {
  const [token = ''] = (url.match(/[\w-]{16,}/g) ?? []).sort((a, b) => b.length - a.length);
  const middle = Math.floor(token.length / 2);
  const letter = token[middle] === 'A' ? 'B' : 'A';
  return url.replace(token, token.slice(0, middle) + letter + token.slice(middle + 1));
}
