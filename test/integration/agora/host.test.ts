import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Host } from '../../fixtures/agora/host.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { hostOf, hostUid, openStage, streamOf, type EdgeStage } from './edge-stage.ts';

const START_MS = 30_000;

describe('a seller in a real Chromium', () => {
  let stage: EdgeStage;
  let host: Host;

  beforeAll(async () => {
    stage = await openStage();
    host = await hostOf(stage.edge);
  }, START_MS);

  afterAll(async () => {
    await host.stop();
    await stage.edge.stop();
  }, START_MS);

  async function sends(): Promise<void> {
    const before = {
      video: streamOf(stage.edge, 'video')?.packets ?? 0,
      audio: streamOf(stage.edge, 'audio')?.packets ?? 0,
    };
    await eventually('audio and video packets', 10, () => {
      const video = streamOf(stage.edge, 'video')?.packets ?? 0;
      const audio = streamOf(stage.edge, 'audio')?.packets ?? 0;
      return video > before.video + 10 && audio > before.audio + 30;
    });
  }

  test('publishes H.264 and Opus', async () => {
    await sends();
    await eventually('its own figures', 10, async () => (await host.state()).codec === 'H264');
  });

  test('mends what is lost on its way up', async () => {
    stage.edge.faults.drop({ percent: 10, direction: 'up', kind: 'video' });
    await sends();
    stage.edge.clearFaults();
  });

  test('renews its token when it is warned', async () => {
    expect(stage.edge.tokenWillExpire({ uid: hostUid })).toBe(1);
    await eventually('a new token', 10, () => stage.events.some(({ event }) => event === 'token renewed'));
  });

  test('joins again when its token has expired', async () => {
    expect(stage.edge.tokenExpired({ uid: hostUid })).toBe(1);
    await eventually('the stream to be gone', 10, () => streamOf(stage.edge, 'video') === undefined);
    await sends();
  });

  test('publishes again after a restart of the edge', async () => {
    const before = streamOf(stage.edge, 'video')?.ssrc;
    await stage.edge.restart(1000);
    const now = await eventually('the stream', 20, () => streamOf(stage.edge, 'video'));
    expect(now.ssrc).not.toBe(before);
    await sends();
  }, 40_000);

  test('says so when it is banned', async () => {
    stage.edge.ban({ uid: hostUid });
    await expect(host.failed).rejects.toThrow('UID_BANNED');
  });
});
