import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildAgoraFixtures } from '../../fixtures/agora/build.ts';
import { startControl } from '../../fixtures/agora/control.ts';
import { startFfmpegHost } from '../../fixtures/agora/ffmpeg-host.ts';
import { encodeLoop } from '../../fixtures/agora/loop-file.ts';
import { verifyToken } from '../../fixtures/agora/token.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { app, channel, hostUid, openStage, streamOf } from './edge-stage.ts';

const START_MS = 30_000;
const run = promisify(execFile);
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'livechannel-agora-cli-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('the bundle, with no node_modules near it', () => {
  let program: string;
  let credentials: string[];

  beforeAll(async () => {
    await buildAgoraFixtures(directory);
    program = join(directory, 'agora.mjs');
    const certificateFile = join(directory, 'certificate');
    await writeFile(certificateFile, `${app.appCertificate}\n`);
    credentials = ['--app-id', app.appId, '--certificate-file', certificateFile];
  }, START_MS);

  test(
    'prints a token',
    async () => {
      const { stdout } = await run(process.execPath, [
        program,
        'token',
        ...credentials,
        '--channel',
        channel,
      ]);
      const verdict = verifyToken([app], { token: stdout.trim(), channel, uid: 5, now: Date.now() });
      expect(verdict).toMatchObject({ valid: true });
    },
    START_MS,
  );

  test(
    'runs an edge with a certificate that was made before, until SIGTERM',
    async () => {
      const { stdout: pin } = await run(process.execPath, [program, 'certificate', '--out', directory]);
      const tls = ['--tls-cert', join(directory, 'tls.crt'), '--tls-key', join(directory, 'tls.key')];
      const edge = spawn(process.execPath, [program, 'edge', ...credentials, ...tls, '--port', '0']);
      try {
        const line = await new Promise<string>((resolve) => {
          edge.stdout.once('data', (chunk: Buffer) => {
            resolve(chunk.toString());
          });
        });
        expect(JSON.parse(line)).toMatchObject({ msg: 'edge is up', pin: pin.trim() });
        edge.kill('SIGTERM');
        expect(await once(edge, 'exit')).toEqual([0, null]);
      } finally {
        edge.kill('SIGKILL');
      }
    },
    START_MS,
  );

  test(
    'says what is missing',
    async () => {
      await expect(run(process.execPath, [program, 'edge'])).rejects.toThrow('--app-id');
      const host = ['host', ...credentials, '--channel', channel, '--chromium', '/nowhere/chromium'];
      await expect(run(process.execPath, [program, ...host])).rejects.toThrow(
        'Chromium not found at /nowhere/chromium',
      );
    },
    START_MS,
  );
});

describe('the control endpoint', () => {
  test(
    'shows the state, makes faults, and lets FFmpeg publish',
    async () => {
      const { edge } = await openStage();
      const control = await startControl(edge, { host: '127.0.0.1', port: 0 });
      try {
        const state = await control.inject({ method: 'GET', url: '/state' });
        expect(state.json()).toMatchObject({ running: true, pin: edge.pin, channels: [] });
        const cut = await control.inject({ method: 'POST', url: '/faults/cut-websocket', payload: {} });
        expect(cut.json()).toEqual({ users: 0 });
        const unknown = await control.inject({ method: 'POST', url: '/faults/nonsense', payload: {} });
        expect([unknown.statusCode, unknown.body]).toEqual([404, expect.stringContaining('cut-websocket')]);
        const bad = await control.inject({ method: 'POST', url: '/faults/drop', payload: { percent: 200 } });
        expect(bad.statusCode).toBe(400);

        const file = join(directory, 'loop.mkv');
        await encodeLoop(file, { width: 320, height: 180, fps: 15, seconds: 2, bitrateKbps: 200 });
        const where = { channel, uid: hostUid };
        const opened = await control.inject({ method: 'POST', url: '/publishers', payload: where });
        const { ip, port }: { ip: string; port: number } = opened.json();
        await using host = startFfmpegHost({ file, ip, port });
        await eventually('audio and video of FFmpeg', 10, () => {
          return (streamOf(edge, 'video')?.packets ?? 0) > 5 && (streamOf(edge, 'audio')?.packets ?? 0) > 20;
        });
        await host.stop();
        const removed = await control.inject({ method: 'POST', url: '/publishers/remove', payload: where });
        expect(removed.json()).toEqual({ users: 1 });
      } finally {
        await control.close();
        await edge.stop();
      }
    },
    START_MS,
  );
});
