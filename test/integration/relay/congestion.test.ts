import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import type { RelayReport } from '../../../src/api/relay-contract.ts';
import { cachedLoop } from '../../fixtures/agora/cached-loop.ts';
import { inspectMedia } from '../../fixtures/agora/decode.ts';
import { startEdge } from '../../fixtures/agora/edge.ts';
import { startHost } from '../../fixtures/agora/host.ts';
import { mintToken } from '../../fixtures/agora/token-minter.ts';
import { Studio, WatchedIngest } from '../../support/host/studio.ts';
import type { MediaTag } from '../../support/ingest/media-tag.ts';
import { RelayProcess, type RelayProcessOptions } from '../../support/relay/relay-process.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { observeFor } from '../../support/wait/observe-for.ts';
import { Toxiproxy } from './toxiproxy.ts';

const run = promisify(execFile);
jest.setTimeout(300_000);

const RELAY_UID = 7;
/** In place of a minute. */
const QUIET_SECONDS = 15;
/** Where the host sends 1.5 Mbit/s, KiB/s: about 0.8 Mbit/s. */
const LIMIT = { type: 'bandwidth', attributes: { rate: 100 } } as const;
const SIZE = { width: 640, height: 360, fps: 30, bitrateKbps: 1_500 } as const;

const step = (report: RelayReport): string | undefined => report.congestion?.step;

/** A relay whose way to the ingest leads through toxiproxy and then the tap, which records what arrives. */
async function startRelay(
  ingest: WatchedIngest,
  proxy: Toxiproxy,
  options: Omit<RelayProcessOptions, 'ingestUrl' | 'streamKey' | 'caFile'>,
): Promise<RelayProcess> {
  const relay = await RelayProcess.start({
    ...options,
    ...ingest.target(proxy.port),
    environment: { LIVECHANNEL_CONGESTION_QUIET_SECONDS: String(QUIET_SECONDS) },
  });
  const steady = ({ inBitrateKbps, lagMs }: RelayReport): boolean =>
    inBitrateKbps > 1_000 && (lagMs ?? 9_999) < 500;
  await relay.until('live', steady, 90);
  await observeFor(5);
  return relay;
}

/** The longest time that video stood still in what arrived between two moments, milliseconds of the stream. */
function longestFreeze(ingest: WatchedIngest, from: number, to: number): number {
  const gaps = ingest.tap.sessions.flatMap(({ tags }) => {
    const frames = pictures(tags).filter(({ at }) => at >= from && at < to);
    return frames.slice(1).map(({ timestamp }, i) => timestamp - (frames[i]?.timestamp ?? timestamp));
  });
  return Math.max(0, ...gaps);
}

const pictures = (tags: readonly MediaTag[]): MediaTag[] =>
  tags.filter(({ kind, isHeader }) => kind === 'video' && !isHeader);

/** The average of what arrived between two moments, kbit/s. */
function kbps(ingest: WatchedIngest, from: number, to: number): number {
  const tags = ingest.tap.sessions
    .flatMap((session) => session.tags)
    .filter(({ at }) => at >= from && at < to);
  return tags.reduce((sum, { payload }) => sum + payload.length * 8, 0) / (to - from);
}

/** FFmpeg's complaints when it decodes all of a recording, whose frame rate varies. */
async function decodingErrors(file: string): Promise<string> {
  const { stderr } = await run('ffmpeg', [
    ...['-v', 'error', '-y', '-i', file],
    ...['-map', '0:v', '-fps_mode', 'passthrough', '-enc_time_base', '1:1000', '-f', 'rawvideo', '/dev/null'],
    ...['-map', '0:a', '-f', 's16le', '/dev/null'],
  ]);
  return stderr;
}

const seconds = (count: number): number => count * 1_000;

describe('with a host that publishes one stream', () => {
  const open = async (): Promise<Studio> => {
    const file = await cachedLoop({ ...SIZE, seconds: 20, background: 'camera' });
    return Studio.open({ ...SIZE, seconds: 20, file });
  };

  test('video goes on at a lower bitrate in the same session, and at full quality after a quiet time', async () => {
    await using studio = await open();
    await using ingest = await WatchedIngest.open();
    await using proxy = await Toxiproxy.start(ingest.tap.port);
    await using relay = await startRelay(ingest, proxy, studio.membership(RELAY_UID));
    expect(step(await relay.report())).toBe('full');

    const limitedAt = performance.now();
    await proxy.poison(LIMIT);
    const lower = await relay.until('live', (report) => step(report) === 'transcode', 30);
    const steppedAt = performance.now();
    expect(steppedAt - limitedAt).toBeLessThan(seconds(25));
    expect(lower.congestion?.message).toMatch(
      /^The ingest accepts about 0\.[5-9] Mbit\/s, less than the host sends \(1\.\d Mbit\/s\)\. The relay transcodes video to 0\.\d Mbit\/s\.$/,
    );
    const encoding = await relay.until(
      'live',
      ({ mode, lagMs }) => mode === 'transcode' && (lagMs ?? 9_999) < 500,
    );
    expect(encoding).toMatchObject({ health: 'fair', healthReason: lower.congestion?.message });
    // The encoder's parameter sets arrive with its first frame.
    const begun = await eventually('video of the encoder arrives', 30, () =>
      ingest.tap.sessions[0]?.tags.find(
        ({ kind, isHeader, at }) => kind === 'video' && isHeader && at > limitedAt,
      ),
    );
    const steadyAt = begun.at;
    await observeFor(QUIET_SECONDS - 5);
    const stillAt = performance.now();
    await proxy.heal();
    await relay.until('live', (report) => step(report) === 'full' && report.mode === 'passthrough', 60);
    const fullAt = performance.now();
    await observeFor(8);
    const { congestion, health } = await relay.report();
    expect(congestion).toMatchObject({ step: 'full', message: '', stepsUp: 1 });
    expect(health).toBe('good');
    relay.signal('SIGTERM');
    await relay.exit();

    const end = performance.now();
    expect(longestFreeze(ingest, limitedAt, steadyAt)).toBeGreaterThan(1_000);
    expect(longestFreeze(ingest, steadyAt, stillAt)).toBeLessThan(1_000);
    expect(longestFreeze(ingest, stillAt, end)).toBeLessThan(1_000);
    expect(kbps(ingest, steadyAt, stillAt)).toBeLessThan(700);
    expect(kbps(ingest, fullAt + 3_000, fullAt + 8_000)).toBeGreaterThan(1_000);
    expect(ingest.tap.sessions.length).toBe(1);
    const [recording = ''] = await ingest.server.recordings();
    expect(await decodingErrors(recording)).toBe('');
    const { width, height, frames, clocks } = await inspectMedia(recording, {
      seconds: 120,
      timeoutMs: 90_000,
    });
    expect({ width, height }).toEqual({ width: 640, height: 360 });
    // The clock in the frames can be read at the lower bitrate, too.
    expect(clocks.length).toBeGreaterThan(0.97 * frames);
  });

  test('with mode passthrough, GOPs are dropped, and the relay says so', async () => {
    await using studio = await open();
    await using ingest = await WatchedIngest.open();
    await using proxy = await Toxiproxy.start(ingest.tap.port);
    const membership = studio.membership(RELAY_UID);
    await using relay = await startRelay(ingest, proxy, { ...membership, media: { mode: 'passthrough' } });
    await proxy.poison(LIMIT);
    const report = await relay.until('live', (each) => step(each) === 'frame-drop', 40);
    expect(report).toMatchObject({ mode: 'passthrough', health: 'fair' });
    expect(report.congestion?.message).toContain(
      'The relay drops frames: spec.relay.mode is passthrough, and the host publishes no small stream.',
    );
    const metrics = await (await relay.get('/metrics')).text();
    expect(metrics).toContain('livechannel_relay_congestion_step{step="frame-drop"} 1');
    expect(metrics).toContain('livechannel_relay_congestion_steps_total{direction="down"} ');
    expect(metrics).toMatch(/livechannel_relay_congestion_accepted_bitrate_bps \d{6}/);
    const from = performance.now();
    await observeFor(12);
    expect(longestFreeze(ingest, from, performance.now())).toBeGreaterThan(500);
    // While frames are dropped, the figures of the message stay those of the step.
    expect((await relay.report()).congestion?.message).toBe(report.congestion?.message);
    await proxy.heal();
    await relay.until('live', (each) => step(each) === 'full', 60);
    expect(ingest.tap.sessions.length).toBe(1);
  });
});

test("a host's small stream is sent while the ingest is slow, and the large one after a quiet time", async () => {
  const app = { appId: 'a'.repeat(32), appCertificate: '0123456789abcdef0123456789abcdef' };
  await using edge = await startEdge({ apps: [app] });
  const accessPoints = { hosts: ['127.0.0.1'], domain: 'localhost', port: edge.port };
  await using _host = await startHost({
    ...{ app, channel: 'show', uid: 1000, accessPoints, pins: [edge.pin], noise: 0.8, ...SIZE, fps: 15 },
    lowStream: { width: 320, height: 180, fps: 15, bitrateKbps: 200 },
  });
  await using ingest = await WatchedIngest.open();
  await using proxy = await Toxiproxy.start(ingest.tap.port);
  const request = { channel: 'show', uid: RELAY_UID, role: 'audience', lifetimeSeconds: 3_600 } as const;
  await using relay = await startRelay(ingest, proxy, {
    ...{ appId: app.appId, channelName: 'show', uid: RELAY_UID, token: mintToken(app, request) },
    accessPoints: { ...accessPoints, certificatePins: [edge.pin] },
    media: { mode: 'passthrough' },
  });

  await proxy.poison(LIMIT);
  const small = await relay.until(
    'live',
    ({ congestion, width }) => congestion?.message !== '' && width === 320,
    40,
  );
  expect(small.congestion?.message).toMatch(/ The relay sends the host's small stream\.$/);
  expect(step(small)).toBe('small-stream');
  await relay.until('live', ({ lagMs, videoOutput }) => (lagMs ?? 9_999) < 500 && videoOutput === 'live');
  const steadyAt = performance.now();
  await observeFor(QUIET_SECONDS - 5);
  const stillAt = performance.now();
  await proxy.heal();
  await relay.until('live', (report) => step(report) === 'full' && report.width === 640, 60);
  await observeFor(6);
  const { mode, congestion } = await relay.report();
  expect({ mode, congestion }).toMatchObject({
    mode: 'passthrough',
    congestion: { stepsUp: 1 },
  });
  relay.signal('SIGTERM');
  await relay.exit();
  expect(longestFreeze(ingest, steadyAt, stillAt)).toBeLessThan(1_000);
  expect(kbps(ingest, steadyAt, stillAt)).toBeLessThan(600);
  // Each size is a session, as at every change of the host's resolution, and each can be decoded.
  const recordings = await ingest.server.recordings();
  expect({ count: recordings.length, log: recordings.length === 3 ? '' : relay.output }).toEqual({
    count: 3,
    log: '',
  });
  const sizes = await Promise.all(
    recordings.map((file) => inspectMedia(file, { seconds: 60, timeoutMs: 60_000 })),
  );
  expect(sizes.map(({ width }) => width)).toEqual([640, 320, 640]);
  for (const file of recordings) expect(await decodingErrors(file)).toBe('');
});
