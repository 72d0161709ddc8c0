import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PageStage } from './page-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

const START_MS = 60_000;
const hostUid = 1000;

let stage: PageStage;
beforeAll(async () => {
  stage = await PageStage.open();
  stage.join();
}, START_MS);
afterAll(() => stage[Symbol.asyncDispose](), START_MS);

/** The same host each time: to the page, it is a host that has changed its codec. */
describe('a host that publishes', () => {
  test.each([
    ['h264', 'video/H264'],
    ['vp8', 'video/VP8'],
    ['vp9', 'video/VP9'],
    ['av1', 'video/AV1'],
  ] as const)(
    '%s is passed on unchanged',
    async (codec, mimeType) => {
      await using host = await stage.host({ uid: hostUid, codec });
      expect(await host.state()).toMatchObject({ connection: 'CONNECTED' });
      await stage.mediaArrives();
      const pictures = stage.frames.filter(({ kind }) => kind === 'video');
      expect(new Set(pictures.map((picture) => picture.mimeType))).toEqual(new Set([mimeType]));
      expect(stage.keyframes[0]).toMatchObject({ width: 480, height: 270 });
      expect(stage.stream(hostUid)?.codec).toBe(codec);
      // A decoder that cannot handle its substitute requests keyframes five times per second, and a busy host may get
      // two requests.
      const asked = stage.stream(hostUid)?.plisReceived.length ?? NaN;
      stage.frames.length = 0;
      await eventually('two more keyframes have arrived', 10, () => stage.keyframes.length === 2);
      expect((stage.stream(hostUid)?.plisReceived.length ?? NaN) - asked).toBeLessThan(8);
      await host.stop();
      await eventually('the page reports that there is no host', 10, () => stage.followed === null);
    },
    START_MS,
  );
});
