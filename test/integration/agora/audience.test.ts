import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Audience } from '../../fixtures/agora/audience.ts';
import type { Host } from '../../fixtures/agora/host.ts';
import { mintToken } from '../../fixtures/agora/token-minter.ts';
import { eventually } from '../../support/wait/eventually.ts';
import {
  app,
  channel,
  hostOf,
  openStage,
  streamOf,
  viewerOf,
  viewerUid,
  type EdgeStage,
} from './edge-stage.ts';

const START_MS = 30_000;

describe('a viewer with the unmodified SDK', () => {
  let stage: EdgeStage;
  let host: Host;
  let viewer: Audience;

  beforeAll(async () => {
    stage = await openStage();
    host = await hostOf(stage.edge);
    viewer = await viewerOf(stage.edge);
  }, START_MS);

  afterEach(() => {
    stage.edge.clearFaults();
  });

  afterAll(async () => {
    await viewer.stop();
    await host.stop();
    await stage.edge.stop();
  }, START_MS);

  /** Frames go on coming, counted from now. */
  async function mediaMoves(): Promise<void> {
    const before = await viewer.state();
    await eventually('video and audio frames', 10, async () => {
      const { deltaFrames, audioFrames } = await viewer.state();
      return deltaFrames > before.deltaFrames + 10 && audioFrames > before.audioFrames + 30;
    });
  }

  test('gets encoded frames, and a picture whose clock is that of the host', async () => {
    await mediaMoves();
    const clock = await eventually('a clock in the picture', 10, () => viewer.clock());
    expect(Math.abs(Date.now() - clock)).toBeLessThan(2000);
    await eventually('the clock to advance', 10, async () => ((await viewer.clock()) ?? 0) > clock);
    expect((await viewer.state()).keyframes).toBeGreaterThan(0);
  });

  test('is counted as audience', () => {
    expect(stage.edge.state().channels).toMatchObject([{ name: channel, audience: 1 }]);
  });

  test('gets a keyframe when it asks for one', async () => {
    const { keyframes } = await viewer.state();
    const asked = streamOf(stage.edge, 'video')?.plisReceived.length ?? 0;
    await viewer.requestKeyframe();
    await eventually('a keyframe', 10, async () => (await viewer.state()).keyframes > keyframes);
    expect(streamOf(stage.edge, 'video')?.plisReceived.length).toBeGreaterThan(asked);
  });

  test('has lost packets sent again', async () => {
    stage.edge.faults.drop({ percent: 5, kind: 'video' });
    const subscriber = await eventually('repaired losses', 20, () => {
      const found = streamOf(stage.edge, 'video')?.subscribers[0];
      return found !== undefined && found.dropped > 3 && found.resent >= found.dropped ? found : undefined;
    });
    expect(subscriber.uid).toBe(viewerUid);
    await mediaMoves();
  }, 30_000);

  test('keeps its media while the websocket is cut and comes back', async () => {
    stage.events.length = 0;
    expect(stage.edge.cutWebsocket({ uid: viewerUid })).toBe(1);
    await eventually('a rejoin', 10, () => stage.events.some(({ event }) => event === 'rejoined'));
    await mediaMoves();
    expect((await viewer.state()).events.filter((event) => event.startsWith('user-unpublished'))).toEqual([]);
  });

  test('joins anew and subscribes by itself when the rejoin is refused', async () => {
    stage.events.length = 0;
    stage.edge.faults.refuseRejoins = 1;
    stage.edge.cutWebsocket({ uid: viewerUid });
    await eventually(
      'two subscriptions',
      10,
      () => stage.events.filter(({ event }) => event === 'subscribed').length === 2,
    );
    await mediaMoves();
  }, 20_000);

  test('sees the host mute and unmute the video', async () => {
    await host.mute('video');
    await eventually(
      'the mute',
      10,
      async () => (await viewer.state()).events.at(-1) === 'user-unpublished video',
    );
    await host.unmute('video');
    await mediaMoves();
  }, 20_000);

  test('is told of a ban and does not come back', async () => {
    expect(stage.edge.ban({ uid: viewerUid })).toBe(1);
    const end = 'connection DISCONNECTED UID_BANNED';
    await eventually('the end', 10, async () => (await viewer.state()).events.includes(end));
    expect(stage.edge.state().channels).toMatchObject([{ audience: 0 }]);
  });
});

describe('a viewer whose token is bad', () => {
  test.each([
    ['for another channel', { channel: 'other' }, app, 'invalid token, authorized failed'],
    [
      'by another certificate',
      {},
      { ...app, appCertificate: 'f'.repeat(32) },
      'invalid token, authorized failed',
    ],
  ])(
    '%s is turned away by the access point',
    async (_what, change, signer, reason) => {
      const { edge } = await openStage();
      try {
        const order = { channel, uid: viewerUid, role: 'audience', lifetimeSeconds: 60, ...change } as const;
        await expect(viewerOf(edge, mintToken(signer, order))).rejects.toThrow(reason);
      } finally {
        await edge.stop();
      }
    },
    START_MS,
  );
});
