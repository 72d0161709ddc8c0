import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { relayExitCodes } from '../../../src/api/relay-contract.ts';
import { startEdge, type Edge } from '../../fixtures/agora/edge.ts';
import { startHost, type Host, type HostOptions } from '../../fixtures/agora/host.ts';
import { mintToken } from '../../fixtures/agora/token-minter.ts';
import type { AgoraProject } from '../../fixtures/agora/token.ts';
import { IngestServer } from '../../support/ingest/ingest-server.ts';
import { RelayProcess, type RelayProcessOptions } from '../../support/relay/relay-process.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { observeFor } from '../../support/wait/observe-for.ts';

jest.setTimeout(180_000);

const app = { appId: 'a'.repeat(32), appCertificate: '0123456789abcdef0123456789abcdef' };
const withoutCertificate: AgoraProject = { appId: 'b'.repeat(32) };
/** The uid for which the app mints its token, outside the relay's usual range. */
const RELAY_UID = 77;

let edge: Edge;
let ingest: IngestServer;
const renewed: unknown[] = [];
beforeAll(async () => {
  edge = await startEdge({
    apps: [app, withoutCertificate],
    log: (event, fields) => {
      if (event === 'token renewed') renewed.push(fields['uid']);
    },
  });
  ingest = await IngestServer.start();
});
afterAll(async () => {
  await edge.stop();
  await ingest[Symbol.asyncDispose]();
});

const accessPoints = () => ({ hosts: ['127.0.0.1'], domain: 'localhost', port: edge.port });
const host = (of: Pick<HostOptions, 'app' | 'channel'>): Promise<Host> =>
  startHost({
    ...of,
    ...{ uid: 1000, accessPoints: accessPoints(), pins: [edge.pin] },
    ...{ width: 480, height: 270, fps: 15, bitrateKbps: 500 },
  });
const startRelay = (
  of: Pick<RelayProcessOptions, 'appId' | 'channelName' | 'token'>,
): Promise<RelayProcess> =>
  RelayProcess.start({
    ...of,
    uid: RELAY_UID,
    accessPoints: { ...accessPoints(), certificatePins: [edge.pin] },
    ...{ ingestUrl: ingest.url, streamKey: ingest.streamKey, caFile: ingest.caFile },
  });
const appToken = (lifetimeSeconds: number): string =>
  mintToken(app, { channel: 'passed', uid: RELAY_UID, role: 'audience', lifetimeSeconds });

test('a relay joins a project without an App Certificate without a token, and goes on air', async () => {
  await using _host = await host({ app: withoutCertificate, channel: 'open' });
  await using relay = await startRelay({
    appId: withoutCertificate.appId,
    channelName: 'open',
    token: null,
  });
  const { host: followed } = await relay.until('live', ({ inBitrateKbps }) => inBitrateKbps > 0);
  expect(followed?.uid).toBe(1000);
});

test('a relay that waits for its host names the Agora channel', async () => {
  await using relay = await startRelay({
    appId: withoutCertificate.appId,
    channelName: 'live_42',
    token: null,
  });
  const { reason, message } = await relay.until('waiting');
  expect(reason).toBe('WaitingForHost');
  expect(message).toMatch(/^No host is in Agora channel "live_42" yet\./);
});

test('a token that the app passed is renewed on air, without a restart and without an interruption', async () => {
  await using _host = await host({ app, channel: 'passed' });
  await using relay = await startRelay({ appId: app.appId, channelName: 'passed', token: appToken(45) });
  const before = await relay.until('live', ({ inBitrateKbps }) => inBitrateKbps > 0);
  await relay.replace('token', appToken(3_600));
  await eventually('the edge has the new token', 30, () => renewed.includes(RELAY_UID));
  // The first token has expired by then.
  await observeFor(50);
  const after = await relay.until('live', ({ videoOutput }) => videoOutput === 'live');
  // The relay computes the time from a duration.
  const sameSession = Math.abs(Date.parse(after.liveSince ?? '') - Date.parse(before.liveSince ?? '')) < 100;
  expect({ sameSession, host: after.host?.uid }).toEqual({ sameSession: true, host: 1000 });
});

test.each<[string, Pick<RelayProcessOptions, 'appId' | 'token'>, RegExp]>([
  [
    'without a token, where the project requires one',
    { appId: app.appId, token: null },
    /requires tokens, because its App Certificate is enabled\. Add appCertificate/,
  ],
  [
    'with a token, where the project has no certificate',
    { appId: withoutCertificate.appId, token: appToken(3_600) },
    /accepts no tokens.*leave appId alone/,
  ],
])('a relay %s exits with what to do', async (_, of, message) => {
  await using relay = await startRelay({ ...of, channelName: 'passed' });
  expect(await relay.exit()).toBe(relayExitCodes.fatal);
  expect(await relay.terminationMessage()).toMatchObject({
    reason: 'AgoraTokenRejected',
    message: expect.stringMatching(message),
  });
});
