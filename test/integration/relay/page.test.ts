import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'puppeteer-core';
import { closeChromium, openFirstPage, startChromium } from '../../../src/relay/browser/chromium.ts';
import { PageServer } from '../../../src/relay/browser/page-server.ts';
import { DecodabilityFilter } from '../../../src/relay/media/decodability-filter.ts';
import { buildRelayPage } from '../../../src/relay/page/build.ts';
import { relaySettingsSchema } from '../../../src/relay/settings.ts';
import { cachedLoop } from '../../fixtures/agora/cached-loop.ts';
import { startFfmpegHost } from '../../fixtures/agora/ffmpeg-host.ts';
import type { Host } from '../../fixtures/agora/host.ts';
import { startTcpProxy, type TcpProxy } from '../../support/faults/tcp-proxy.ts';
import { decodedClocks } from './decoded-clocks.ts';
import { PageStage, relayUid } from './page-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

const START_MS = 60_000;
const SLOW_MS = 90_000;
const hostUid = 1000;

describe('the page by itself', () => {
  let folder: string;
  let server: PageServer;
  let proxy: TcpProxy;
  let browser: Browser;
  const seen = { pages: 0, heartbeats: 0 };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'livechannel-page-'));
    await buildRelayPage(join(folder, 'page'));
    server = await PageServer.start({
      directory: join(folder, 'page'),
      onPage: () => (seen.pages += 1),
      onEvent: ({ type }) => (seen.heartbeats += type === 'heartbeat' ? 1 : 0),
      onFrame: () => undefined,
    });
    proxy = await startTcpProxy(new URL(server.pageUrl));
    const url = new URL(server.pageUrl);
    url.port = String(proxy.port);
    const binary = relaySettingsSchema.parse({}).LIVECHANNEL_CHROMIUM;
    browser = await startChromium({ binary, extraArguments: [], certificatePins: [], profiles: folder });
    await openFirstPage(browser, url.href);
  }, START_MS);

  afterAll(async () => {
    await closeChromium(browser);
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  test('sends heartbeats', async () => {
    await eventually('the page has sent two heartbeats', 10, () => seen.heartbeats >= 2);
    expect(seen.pages).toBe(1);
  });

  test('reloads itself when it loses its connections, well before its heartbeat times out', async () => {
    const { heartbeats } = seen;
    proxy.reset();
    await eventually(
      'a new page has sent a heartbeat',
      5,
      () => seen.pages === 2 && seen.heartbeats > heartbeats,
    );
  });
});

describe('the page in a channel with a host', () => {
  let stage: PageStage;
  let host: Host;

  beforeAll(async () => {
    stage = await PageStage.open();
    host = await stage.host({
      uid: hostUid,
      lowStream: { width: 160, height: 90, fps: 15, bitrateKbps: 60 },
    });
    stage.join();
    await stage.mediaArrives();
  }, START_MS);

  afterEach(() => stage.edge.clearFaults());

  afterAll(async () => {
    await host.stop();
    await stage[Symbol.asyncDispose]();
  }, START_MS);

  const asked = (): number => stage.stream(hostUid)?.plisReceived.length ?? NaN;

  test(
    'requests keyframes at the interval, and the browser requests none itself in 20 seconds',
    async () => {
      stage.frames.length = 0;
      const before = { asked: asked(), stated: stage.reception?.keyframeRequests ?? NaN };
      await eventually(
        '20 s of frames have arrived',
        40,
        () => stage.frames.filter(isPicture).length >= 20 * 15,
      );
      const gaps = stage.keyframes.map(({ at }, index, all) => at - (all[index - 1]?.at ?? NaN)).slice(1);
      expect(gaps.length).toBeGreaterThanOrEqual(7);
      expect(Math.min(...gaps)).toBeGreaterThan(1_800);
      expect(median(gaps)).toBeLessThan(2_600);
      // One request per keyframe, and another one where the host was slow.
      expect(asked() - before.asked).toBeLessThanOrEqual(stage.keyframes.length + 3);
      await eventually(
        'the page reports the same',
        5,
        () => (stage.reception?.keyframeRequests ?? NaN) - before.stated >= stage.keyframes.length - 1,
      );
      expect(stage.reception?.framesDropped).toBe(0);
      expect(stage.events.filter(({ type }) => type === 'error' || type === 'left')).toEqual([]);
    },
    SLOW_MS,
  );

  test('requests a keyframe immediately on command, and not twice within half a second', async () => {
    stage.frames.length = 0;
    await eventually('a keyframe has arrived', 10, () => stage.keyframes.length > 0);
    const before = asked();
    for (let times = 0; times < 5; times++) stage.send({ type: 'request-keyframe' });
    await eventually('another keyframe has arrived', 10, () => stage.keyframes.length > 1);
    const [first, second] = stage.keyframes;
    expect((second?.at ?? NaN) - (first?.at ?? NaN)).toBeLessThan(1_500);
    expect(asked() - before).toBeLessThanOrEqual(2);
  });

  test(
    'subscribes to the high stream by default and to the low one on command',
    async () => {
      const widths = (): number[] => stage.keyframes.map(({ width }) => width);
      const received = (): number | undefined => widths().at(-1);
      await eventually('a keyframe of the high stream has arrived', 10, () => received() === 480);
      expect(
        stage.edgeEvents.filter(({ event }) => event === 'fallback set').map(({ fields }) => fields),
      ).toContainEqual({ channel: 'shop', uid: relayUid, to: hostUid, type: 0 });
      stage.send({ type: 'video-stream', stream: 'low' });
      await eventually('a keyframe of the low stream has arrived', 20, () => received() === 160);

      stage.edge.faults.refuseRejoins = 1;
      stage.edge.cutWebsocket({ uid: relayUid });
      await stage.mediaArrives();
      expect(stage.stream(hostUid)?.subscribers).toMatchObject([{ uid: relayUid, layer: 'low' }]);
      await eventually('the stream is still low', 20, () => received() === 160);

      stage.send({ type: 'video-stream', stream: 'high' });
      await eventually('the stream is high again', 20, () => received() === 480);
    },
    SLOW_MS,
  );

  test(
    'emits complete frames and reports losses on a network with 5% packet loss',
    async () => {
      const before = stage.reception?.packetsLost ?? NaN;
      stage.edge.faults.drop({ percent: 5 });
      stage.frames.length = 0;
      await eventually(
        '8 s of frames have arrived',
        40,
        () => stage.frames.filter(isPicture).length > 8 * 15,
      );
      stage.edge.clearFaults();
      // Frames that depend on a lost one are damaged: the gate drops them, as in the relay.
      const gate = new DecodabilityFilter();
      const handedOver = stage.frames.filter(isPicture);
      const pictures = handedOver.flatMap((frame) => gate.admit(frame, 'h264') ?? []);
      expect(pictures.length).toBeGreaterThan(handedOver.length / 4);
      const clocks = await decodedClocks(pictures.map(({ data }) => data));
      expect(clocks).toHaveLength(pictures.length);
      // A frame with a missing part shows no clock, or a wrong one.
      expect(clocks.filter((clock) => clock === undefined)).toEqual([]);
      expect(isRising(clocks)).toBe(true);
      expect(stage.stream(hostUid)?.subscribers[0]?.dropped).toBeGreaterThan(5);
      // Lost video packets are retransmitted, audio packets are not.
      expect((stage.reception?.packetsLost ?? NaN) - before).toBeGreaterThan(5);
    },
    SLOW_MS,
  );

  test.each([
    ['the websocket is cut', () => stage.edge.cutWebsocket({ uid: relayUid }), 0],
    [
      'the websocket is cut and the rejoin refused',
      () => {
        stage.edge.faults.refuseRejoins = 1;
        return stage.edge.cutWebsocket({ uid: relayUid });
      },
      1,
    ],
    ['the gateway loses the media path', () => stage.edge.loseP2p({ uid: relayUid }), 0],
  ])(
    'video and audio recover when %s',
    async (_what, fault, newReceivers) => {
      await stage.mediaArrives();
      const before = new Set(stage.frames.map(({ receiver }) => receiver));
      expect(fault()).toBe(1);
      const all = (): number[] => stage.frames.map(({ receiver }) => receiver);
      if (newReceivers > 0)
        await eventually('other receivers', 30, () => all().some((receiver) => !before.has(receiver)));
      await stage.mediaArrives(30);
      expect(stage.events.filter(({ type }) => type === 'left')).toEqual([]);
    },
    SLOW_MS,
  );

  test(
    'video and audio recover when packets were dropped for a while',
    async () => {
      expect(stage.edge.blackholeMedia({ uid: relayUid })).toBe(1);
      await eventually('the SDK has noticed', 40, () => seenAtEdge('ice restarted') || hasLeft());
      stage.edge.blackholeMedia({ uid: relayUid }, false);
      await stage.mediaArrives(40);
    },
    SLOW_MS,
  );

  test(
    'video and audio recover when the edge was restarted',
    async () => {
      await stage.edge.restart(1_000);
      await eventually('the host is back', 30, () => stage.stream(hostUid) !== undefined);
      await stage.mediaArrives(40);
    },
    SLOW_MS,
  );

  const seenAtEdge = (name: string): boolean => stage.edgeEvents.some(({ event }) => event === name);
  const hasLeft = (): boolean => stage.events.some(({ type }) => type === 'left');

  test(
    'continues with a renewed token, and joins again after the token has expired',
    async () => {
      stage.events.length = 0;
      stage.edge.tokenWillExpire({ uid: relayUid });
      await eventually('the page reports the renewal', 10, () =>
        stage.events.some(({ type }) => type === 'token-will-expire'),
      );
      stage.send({ type: 'renew-token', token: stage.token() });
      await eventually('the edge has the token', 10, () => seenAtEdge('token renewed'));
      stage.edge.tokenExpired({ uid: relayUid });
      const left = await eventually('the page has left', 10, () =>
        stage.events.find(({ type }) => type === 'left'),
      );
      expect(left).toMatchObject({ fault: { cause: 'token-rejected' } });
      stage.join();
      await stage.mediaArrives();
    },
    SLOW_MS,
  );

  test(
    'stays with its host when another joins, and follows the other when its own has left',
    async () => {
      await using other = await stage.host({ uid: 1001, width: 320, height: 180 });
      await stage.mediaArrives();
      expect(stage.keyframes.at(-1)?.width).toBe(480);
      expect(stage.followed).toMatchObject({ uid: hostUid });
      await host.mute('video');
      await host.mute('audio');
      const muted = { uid: hostUid, video: false, audio: false };
      await eventually('the host is muted', 10, () => isDeepStrictEqual(stage.followed, muted));
      await host.stop();
      await eventually('the other is followed', 20, () => stage.followed?.uid === 1001);
      await stage.mediaArrives();
      expect(stage.keyframes.at(-1)?.width).toBe(320);
      host = await stage.host({ uid: hostUid });
      await stage.mediaArrives();
      expect(stage.followed).toMatchObject({ uid: 1001 });
      await other.stop();
      await eventually('the first is followed again', 20, () => stage.followed?.uid === hostUid);
      await stage.mediaArrives();
    },
    SLOW_MS,
  );

  test(
    'follows only the configured host',
    async () => {
      stage.join({ hostUid: 77 });
      await eventually('the page reports that there is no host', 20, () => stage.followed === null);
      stage.frames.length = 0;
      await using asked = await stage.host({ uid: 77, width: 320, height: 180 });
      await stage.mediaArrives();
      expect(new Set(stage.keyframes.map(({ width }) => width))).toEqual(new Set([320]));
      await asked.stop();
    },
    SLOW_MS,
  );
});

describe('a failed subscription', () => {
  test(
    'is reported and retried',
    async () => {
      await using stage = await PageStage.open();
      await using _host = await stage.host({ uid: hostUid });
      stage.edge.faults.failRequests({ type: 'subscribe', how: 'refuse', times: 1 });
      stage.join();
      await eventually('the failure is reported', 20, () =>
        stage.events.some(({ type }) => type === 'error'),
      );
      await stage.mediaArrives(30);
    },
    SLOW_MS,
  );

  test(
    'ends the membership when it hangs, since the SDK does not retry then',
    async () => {
      await using stage = await PageStage.open();
      await using _host = await stage.host({ uid: hostUid });
      stage.edge.faults.failRequests({ type: 'subscribe', how: 'ignore', times: 1 });
      stage.join();
      const left = await eventually('the page has left', 20, () =>
        stage.events.find(({ type }) => type === 'left'),
      );
      expect(left).toMatchObject({ fault: { cause: 'retry', detail: expect.stringContaining('video') } });
      stage.join();
      await stage.mediaArrives();
    },
    SLOW_MS,
  );
});

test(
  'requests to a host without keyframe support back off',
  async () => {
    await using stage = await PageStage.open();
    const file = await cachedLoop({
      ...{ width: 320, height: 180, fps: 15, seconds: 30, bitrateKbps: 200, gopSeconds: 30 },
    });
    const publisher = await stage.plainPublisher(hostUid);
    stage.join();
    await eventually('the page has subscribed', 20, () =>
      stage.stream(hostUid)?.subscribers.some(({ uid }) => uid === relayUid),
    );
    await using _host = startFfmpegHost({ file, ...publisher });
    // The browser may still be setting up its receiver when the first keyframe arrives: the next follows after 30 s.
    await stage.mediaArrives(45);
    await eventually(
      '20 s of frames have arrived',
      40,
      () => stage.frames.filter(isPicture).length > 20 * 15,
    );
    const times = stage.stream(hostUid)?.plisReceived.filter((at) => at > Date.now() - 18_000) ?? [];
    // Ours after 2, 2.5, 3.5, 5.5, 9.5 and 17.5 s, and the browser's every 3 s; by itself it would send 80.
    expect(times.length).toBeGreaterThan(2);
    expect(times.length).toBeLessThan(15);
  },
  2 * SLOW_MS,
);

const isPicture = ({ kind }: { kind: string }): boolean => kind === 'video';

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function isRising(clocks: readonly (number | undefined)[]): boolean {
  return clocks.every((clock, index) => index === 0 || (clock ?? NaN) > (clocks[index - 1] ?? NaN));
}
