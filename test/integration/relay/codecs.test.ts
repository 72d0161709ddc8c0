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

/** The same seller each time: for the page it is a host that has changed its codec. */
describe('a host that publishes', () => {
  test.each([
    ['h264', 'video/H264'],
    ['vp8', 'video/VP8'],
    ['vp9', 'video/VP9'],
    ['av1', 'video/AV1'],
  ] as const)(
    '%s is handed over as it is',
    async (codec, mimeType) => {
      await using host = await stage.host({ uid: hostUid, codec });
      expect(await host.state()).toMatchObject({ connection: 'CONNECTED' });
      await stage.mediaArrives();
      const pictures = stage.frames.filter(({ kind }) => kind === 'video');
      expect(new Set(pictures.map((picture) => picture.mimeType))).toEqual(new Set([mimeType]));
      expect(stage.keyframes[0]).toMatchObject({ width: 480, height: 270 });
      expect(stage.stream(hostUid)?.codec).toBe(codec);
      // A decoder that cannot do with its substitute asks for keyframes five times a second, and a busy host may be asked twice.
      const asked = stage.stream(hostUid)?.plisReceived.length ?? NaN;
      stage.frames.length = 0;
      await eventually('two more keyframes have come', 10, () => stage.keyframes.length === 2);
      expect((stage.stream(hostUid)?.plisReceived.length ?? NaN) - asked).toBeLessThan(8);
      await host.stop();
      await eventually('the page knows that nobody is there', 10, () => stage.followed === null);
    },
    START_MS,
  );
});
