import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { relayExitCodes } from '../../../src/api/relay-contract.ts';
import { audioDelays, inspectMedia } from '../../fixtures/agora/decode.ts';
import { startEdge, type Edge } from '../../fixtures/agora/edge.ts';
import { startHost, type Host } from '../../fixtures/agora/host.ts';
import { mintToken } from '../../fixtures/agora/token-minter.ts';
import { IngestServer } from '../../support/ingest/ingest-server.ts';
import { RelayProcess, type RelayProcessOptions } from '../../support/relay/relay-process.ts';
import { eventually } from '../../support/wait/eventually.ts';

jest.setTimeout(180_000);

const app = { appId: 'a'.repeat(32), appCertificate: '0123456789abcdef0123456789abcdef' };
const RELAY_UID = 7;

let edge: Edge;
let host: Host;
let ingest: IngestServer;
beforeAll(async () => {
  edge = await startEdge({ apps: [app] });
  ingest = await IngestServer.start();
  host = await startHost({
    ...{ app, channel: 'show', uid: 1000, accessPoints: accessPoints(), pins: [edge.pin] },
    ...{ width: 640, height: 360, fps: 15, bitrateKbps: 600 },
  });
});
afterAll(async () => {
  await host.stop();
  await edge.stop();
  await ingest[Symbol.asyncDispose]();
});

const accessPoints = () => ({ hosts: ['127.0.0.1'], domain: 'localhost', port: edge.port });

function token(channel = 'show', change: { certificate?: string } = {}): string {
  const { certificate = app.appCertificate } = change;
  const request = { channel, uid: RELAY_UID, role: 'audience', lifetimeSeconds: 3600 } as const;
  return mintToken({ appId: app.appId, appCertificate: certificate }, request);
}

function startRelay(change: Partial<RelayProcessOptions> = {}): Promise<RelayProcess> {
  const channelName = change.channelName ?? 'show';
  return RelayProcess.start({
    ...{ appId: app.appId, channelName, uid: RELAY_UID, token: token(channelName) },
    accessPoints: { ...accessPoints(), certificatePins: [edge.pin] },
    ...{ ingestUrl: ingest.url, streamKey: ingest.streamKey, caFile: ingest.caFile },
    ...change,
  });
}

describe('a relay of a host that is there', () => {
  test('puts picture and sound on air, in step, and stops without a trace', async () => {
    await using relay = await startRelay();
    await relay.until('live', ({ inBitrateKbps }) => inBitrateKbps > 0);
    expect((await relay.get('/readyz')).status).toBe(200);
    const { host: followed, mode } = await relay.report();
    expect({ followed, mode }).toEqual({
      followed: { uid: 1000, video: true, audio: true },
      mode: 'passthrough',
    });
    // Keyframes come at the asked interval, though the host would send none by itself.
    const { keyframeIntervalSeconds } = await relay.until(
      'live',
      (report) => (report.keyframeIntervalSeconds ?? 0) > 1.5,
    );
    expect(keyframeIntervalSeconds).toBeLessThan(4);
    await eventually(
      'ten seconds are on air',
      30,
      async () => Date.parse((await relay.report()).liveSince ?? '') < Date.now() - 10_000,
    );

    await expectNowhere(relay, ingest.streamKey);
    const children = await relay.descendants();
    expect(children.length).toBeGreaterThan(2);
    const asked = performance.now();
    relay.signal('SIGTERM');
    expect(await relay.exit()).toBe(relayExitCodes.ok);
    expect(performance.now() - asked).toBeLessThan(3_000);
    for (const { pid } of children) await eventually(`process ${String(pid)} is gone`, 3, () => !runs(pid));
    expect(await relay.terminationMessage()).toMatchObject({ reason: 'ShuttingDown' });

    const media = await inspectMedia((await ingest.recordings()).at(-1) ?? '', { seconds: 10 });
    expect({ width: media.width, height: media.height }).toEqual({ width: 640, height: 360 });
    const [first, last] = [media.clocks[0], media.clocks.at(-1)];
    if (first === undefined || last === undefined) throw new Error('no clock was seen');
    expect(Math.abs(last.clockMs - first.clockMs - (last.pts - first.pts) * 1_000)).toBeLessThan(250);
    expect(last.clockMs - first.clockMs).toBeGreaterThan(5_000);
    const delays = audioDelays(media);
    expect(delays.length).toBeGreaterThan(3);
    // ITU-R BT.1359: sound may be 45 ms early or 125 ms late before people notice.
    const middle = delays.toSorted((a, b) => a - b)[Math.floor(delays.length / 2)];
    expect(middle).toBeGreaterThan(-45);
    expect(middle).toBeLessThan(125);
  });

  test('comes back by itself when FFmpeg is killed, and keeps its session when the browser is', async () => {
    await using relay = await startRelay();
    await relay.until('live');
    const encoder = await encoderOf(relay);
    process.kill(encoder, 'SIGKILL');
    await relay.until('live', ({ restarts }) => restarts['ingest/EncoderCrashed'] === 1);
    const second = await eventually('another FFmpeg runs', 30, () => encoderOf(relay));
    expect(second).not.toBe(encoder);

    const browser = (await relay.descendants()).find(
      ({ command }) => command.includes('headless') && !command.includes('--type='),
    );
    if (browser === undefined) throw new Error('no browser runs');
    process.kill(browser.pid, 'SIGKILL');
    await relay.until(
      'live',
      ({ restarts, frameRate, host: followed }) =>
        restarts['browser/BrowserCrashed'] === 1 && followed !== null && frameRate > 5,
    );
    expect(await encoderOf(relay)).toBe(second);
  });
});

describe('a relay whose session with the ingest goes on', () => {
  test('while the host has its camera off, and while Agora is joined anew', async () => {
    await using relay = await startRelay();
    const { liveSince } = await relay.until('live', ({ frameRate }) => frameRate > 5);
    const sameSession = (since: string | null): boolean =>
      Math.abs(Date.parse(since ?? '') - Date.parse(liveSince ?? '')) < 500;

    await host.mute('video');
    const held = await relay.until(
      'live',
      ({ videoOutput: picture, frameRate }) => picture === 'held' && frameRate < 5,
    );
    expect(held).toMatchObject({
      reason: 'LastFrameHeld',
      host: { uid: 1000, video: false },
      health: 'good',
    });
    await host.unmute('video');
    const back = await relay.until(
      'live',
      ({ host: followed, videoOutput: picture, frameRate }) =>
        followed?.video === true && picture === 'live' && frameRate > 8,
    );
    expect(sameSession(back.liveSince)).toBe(true);

    // The SDK then makes another peer connection, and the tap has to follow.
    edge.faults.refuseRejoins = 1;
    edge.cutWebsocket({ uid: RELAY_UID });
    await eventually('the SDK reconnects', 30, () => relay.output.includes('RECONNECTING'));
    await pause(6_000); // longer than the window of the frame rate, so that old frames do not count
    const rejoined = await relay.until('live', ({ frameRate }) => frameRate > 8);
    expect(sameSession(rejoined.liveSince)).toBe(true);
  });
});

describe('a relay that cannot go on', () => {
  test('with a wrong key ends and says so', async () => {
    await using relay = await startRelay({ streamKey: 'not-the-key' });
    expect(await relay.exit()).toBe(relayExitCodes.fatal);
    expect(await relay.terminationMessage()).toMatchObject({ reason: 'IngestRejected' });
    await expectNowhere(relay, 'not-the-key');
  });

  test('with the wrong CA ends and says so', async () => {
    await using relay = await startRelay({ caFile: ingest.otherCaFile });
    expect(await relay.exit()).toBe(relayExitCodes.fatal);
    expect(await relay.terminationMessage()).toMatchObject({ reason: 'IngestCertificateInvalid' });
  });

  test('with a token of another project ends and says so', async () => {
    await using relay = await startRelay({ token: token('show', { certificate: 'f'.repeat(32) }) });
    expect(await relay.exit()).toBe(relayExitCodes.fatal);
    expect(await relay.terminationMessage()).toMatchObject({ reason: 'AgoraTokenRejected' });
  });

  test('whose uid is banned ends and says so', async () => {
    await using relay = await startRelay();
    await relay.until('live');
    edge.ban({ uid: RELAY_UID }, 14);
    expect(await relay.exit()).toBe(relayExitCodes.fatal);
    expect(await relay.terminationMessage()).toMatchObject({ reason: 'AgoraBanned' });
  });
});

describe('a relay that has to wait', () => {
  test('holds the picture of a host that leaves, and waits again when it stays away', async () => {
    await using relay = await startRelay({ channelName: 'empty', idle: { holdLastFrameSeconds: 6 } });
    await relay.until('waiting', ({ reason }) => reason === 'WaitingForHost');
    expect((await relay.get('/livez')).status).toBe(200);
    const late = await startHost({
      ...{ app, channel: 'empty', uid: 2000, accessPoints: accessPoints(), pins: [edge.pin] },
      ...{ width: 320, height: 180, fps: 15, bitrateKbps: 300 },
    });
    await relay.until('live', ({ host: followed }) => followed?.uid === 2000);
    await late.stop();
    await relay.until(
      'live',
      ({ reason, host: followed }) => reason === 'LastFrameHeld' && followed === null,
    );
    await relay.until(
      'waiting',
      ({ reason, videoOutput: picture }) => reason === 'WaitingForHost' && picture === 'none',
    );
    relay.signal('SIGTERM');
    expect(await relay.exit()).toBe(relayExitCodes.ok);
  });
});

describe('a relay of a host that changes', () => {
  test('its size gets another session, where the platform bears no other size in one', async () => {
    await using relay = await startRelay();
    const before = await relay.until(
      'live',
      ({ width, videoOutput: picture }) => width === 640 && picture === 'live',
    );
    await host.resize(320, 180);
    // The size is known a moment before the session of it is open.
    const after = await relay.until(
      'live',
      ({ width, videoOutput: picture, liveSince }) =>
        width === 320 && picture === 'live' && liveSince !== null && liveSince !== before.liveSince,
    );
    await host.resize(640, 360);
    expect(after.restarts).toEqual({});
  });

  test('and is too large for the channel is encoded again, without a restart', async () => {
    await using relay = await startRelay({ media: { maxHeight: 180 } });
    const { modeReason } = await relay.until('live', ({ mode }) => mode === 'transcode');
    expect(modeReason).toMatch(/640x360 pixels; the limit is 180p/);
    await eventually(
      'six seconds are on air',
      30,
      async () => Date.parse((await relay.report()).liveSince ?? '') < Date.now() - 6_000,
    );
    relay.signal('SIGTERM');
    await relay.exit();
    const media = await inspectMedia((await ingest.recordings()).at(-1) ?? '', { seconds: 6 });
    expect({ width: media.width, height: media.height }).toEqual({ width: 320, height: 180 });
    expect(audioDelays(media).length).toBeGreaterThan(3);
  });
});

async function encoderOf(relay: RelayProcess): Promise<number> {
  const found = (await relay.descendants()).find(({ command }) => command.startsWith('ffmpeg'));
  if (found === undefined) throw new Error('no FFmpeg runs');
  return found.pid;
}

/** A secret must not be in arguments, environments, logs, nor in what the relay tells anybody. */
async function expectNowhere(relay: RelayProcess, secret: string): Promise<void> {
  for (const { pid } of [{ pid: relay.pid }, ...(await relay.descendants())]) {
    for (const name of ['cmdline', 'environ']) {
      expect(await readFile(`/proc/${String(pid)}/${name}`, 'latin1').catch(() => '')).not.toContain(secret);
    }
  }
  if (runs(relay.pid)) {
    for (const path of ['/status', '/metrics', '/readyz'])
      expect(await (await relay.get(path)).text()).not.toContain(secret);
  }
  expect(relay.output).not.toContain(secret);
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
