import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { relayReportSchema, type RelayReport } from '../../../src/api/relay-contract.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { startHttp } from '../../../src/relay/http.ts';
import { liveReport } from './examples.ts';

class FakeRelay {
  alive = true;
  current: RelayReport = liveReport;
  readonly commands: string[] = [];
  get state(): RelayReport['state'] {
    return this.current.state;
  }
  report(): RelayReport {
    return this.current;
  }
  counters() {
    return {
      videoFrames: 900,
      audioPackets: 1_500,
      keyframes: 15,
      videoFramesSent: 890,
      keyframeRequests: 14,
      sessions: 1,
      outBytes: 9_000_000,
    };
  }
  stop(): void {
    this.commands.push('stop');
  }
  standBy(): void {
    this.commands.push('standby');
  }
  activate(epoch?: number): void {
    this.commands.push(epoch === undefined ? 'active' : `active ${String(epoch)}`);
  }
}

let directory: string;
let relay: FakeRelay;
let server: Server | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'relay-http-'));
  relay = new FakeRelay();
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(directory, { recursive: true });
});

async function ask(path: string, init: RequestInit = {}, tokenFile?: string): Promise<Response> {
  server ??= await startHttp({ host: '127.0.0.1', port: 0, tokenFile, relay, clock: systemClock });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return fetch(`http://127.0.0.1:${address.port}${path}`, init);
}

afterEach(() => {
  server = undefined;
});

describe('for the kubelet', () => {
  test('ready only while the ingest takes media', async () => {
    expect((await ask('/readyz')).status).toBe(200);
    relay.current = { ...liveReport, state: 'waiting', reason: 'WaitingForHost' };
    const answer = await ask('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ reason: 'WaitingForHost' });
  });

  test('holds /readyz?wait while there is nothing to report, and closes with the connection', async () => {
    relay.current = { ...liveReport, state: 'waiting', reason: 'WaitingForHost' };
    await ask('/livez'); // starts the server
    const held = ask('/readyz?wait');
    const aborted = ask('/readyz?wait', { signal: AbortSignal.timeout(150) });
    await expect(aborted).rejects.toThrow(/timeout/);
    relay.current = liveReport;
    expect((await held).status).toBe(200);
    relay.current = { ...liveReport, state: 'stalled', reason: 'IngestUnreachable' };
    const answer = await ask('/readyz?wait');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ state: 'stalled', reason: 'IngestUnreachable' });
  });

  test('alive while the browser answers', async () => {
    expect((await ask('/livez')).status).toBe(200);
    relay.alive = false;
    expect((await ask('/livez')).status).toBe(503);
  });
});

describe('for the operator', () => {
  test('the status has the shape of the contract', async () => {
    expect(relayReportSchema.parse(await (await ask('/status')).json())).toEqual(liveReport);
  });

  test('commands need the token of the file', async () => {
    const tokenFile = join(directory, 'token');
    await writeFile(tokenFile, 'right\n');
    const post = (path: string, token?: string) =>
      ask(
        path,
        { method: 'POST', headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
        tokenFile,
      );
    expect((await post('/drain')).status).toBe(401);
    expect((await post('/drain', 'wrong')).status).toBe(401);
    expect(relay.commands).toEqual([]);
    expect((await post('/standby', 'right')).status).toBe(202);
    expect((await post('/activate', 'right')).status).toBe(202);
    expect((await post('/activate?epoch=1700000000', 'right')).status).toBe(202);
    expect((await post('/activate?epoch=soon', 'right')).status).toBe(400);
    expect((await post('/drain', 'right')).status).toBe(202);
    expect(relay.commands).toEqual(['standby', 'active', 'active 1700000000', 'stop']);
  });

  test('without a token file nobody may command', async () => {
    expect((await ask('/drain', { method: 'POST' })).status).toBe(403);
  });
});

test('the metrics carry the state, the counters and the restarts', async () => {
  const text = await (await ask('/metrics')).text();
  expect(text).toContain('livechannel_relay_state{state="live"} 1');
  expect(text).toContain('livechannel_relay_state{state="waiting"} 0');
  expect(text).toContain('livechannel_relay_video_frames_total 900');
  expect(text).toContain('livechannel_relay_restarts_total{part="browser",reason="BrowserCrashed"} 2');
  expect(text).toContain('livechannel_relay_in_bitrate_bps 2500000');
});

test('what is not there is not found', async () => {
  expect((await ask('/nothing')).status).toBe(404);
  expect((await ask('/status', { method: 'DELETE' })).status).toBe(405);
});
