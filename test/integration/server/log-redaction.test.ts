import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiKeyAdmin } from '../../../src/server/auth/api-key-admin.ts';
import { agoraTokenViewSchema } from '../../../src/server/contract/agora.ts';
import { playbackViewSchema } from '../../../src/server/contract/playback.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { agoraApp, OperatorStage } from '../../support/operator/operator-stage.ts';
import { ApiProcess, appToken } from './api-process.ts';
import { eventually } from '../../support/wait/eventually.ts';

let stage: OperatorStage;
let postgres: TestPostgres;
let folder: string;
let api: ApiProcess;
let key: string;
let token: string;
let databaseUrl: string;
beforeAll(async () => {
  [stage, postgres] = await Promise.all([OperatorStage.build(), TestPostgres.start()]);
  await stage.putPlatform('origin', { isDefault: true });
  const namespace = await stage.namespace();
  stage.startOperator();
  token = await appToken(stage, namespace);
  const url = await migratedDatabase(postgres);
  databaseUrl = url().reveal();
  await using store = openStore({ url });
  const admin = new ApiKeyAdmin(store, { now: () => new Date(), random: randomBytes });
  ({ key } = await admin.create({ name: 'app', scope: 'admin', lifeMs: undefined }));
  folder = await mkdtemp(join(tmpdir(), 'livechannel-redaction-'));
  const mount = async (at: string, files: Record<string, string>): Promise<void> => {
    await mkdir(join(folder, at), { recursive: true });
    for (const [name, value] of Object.entries(files)) await writeFile(join(folder, at, name), value);
  };
  await mount('agora', agoraApp);
  await mount('keys/origin', { token: stage.origin.token });
  api = await ApiProcess.start(stage.controlPlane.kubeconfigPath, {
    LIVECHANNEL_API_NAMESPACE: namespace,
    LIVECHANNEL_API_AGORA_DIR: join(folder, 'agora'),
    LIVECHANNEL_API_PLAYBACK_KEYS_DIR: join(folder, 'keys'),
    LIVECHANNEL_API_SHUTDOWN_DELAY_SECONDS: '0',
    DATABASE_URL: databaseUrl,
  });
}, 180_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function request(method: string, path: string, body?: string, authorization = `Bearer ${key}`) {
  const answer = await fetch(api.url + path, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, text: await answer.text() };
}

async function send(text: string): Promise<void> {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  socket.end(text);
  await once(socket.resume(), 'close');
}

test('no credentials and no signed URL appear in the log, whatever fails', async () => {
  const statuses: number[] = [];
  const note = async (...given: Parameters<typeof request>): Promise<void> => {
    statuses.push((await request(...given)).status);
  };
  // Successful requests.
  const signed = { id: 'show', onAir: true, playback: { access: 'signed' } };
  expect((await request('POST', '/v1/channels', JSON.stringify(signed))).status).toBe(201);
  const { hlsUrl } = await eventually('a signed URL', 20, async () => {
    const { status, text } = await request('GET', '/v1/channels/show/playback?viewer=viewer-7');
    return status === 200 ? playbackViewSchema.parse(JSON.parse(text)) : undefined;
  });
  const agora = agoraTokenViewSchema.parse(
    JSON.parse((await request('POST', '/v1/channels/show/agora-token', '{"role":"host","uid":7}')).text),
  );
  await note('GET', '/v1/platforms', undefined, `Bearer ${token}`);
  expect(statuses).toEqual([200]);
  // An app's own Agora token: accepted, rejected for its form, and in a call that fails.
  const passedToken = `007${randomBytes(200).toString('base64')}`;
  await request('PUT', '/v1/channels/show/relay', JSON.stringify({ agoraToken: passedToken }));
  for (const agoraToken of [`${passedToken}!`, passedToken.repeat(9)]) {
    const body = JSON.stringify({ agoraToken });
    expect((await request('PUT', '/v1/channels/show/relay', body)).status).toBe(400);
    expect(
      (await request('POST', '/trpc/relay.start', JSON.stringify({ channelId: 1, agoraToken }))).status,
    ).toBe(400);
  }

  // Errors of the caller.
  const wrong = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`;
  await note('GET', '/v1/channels/show', undefined, `Bearer ${wrong}`);
  await note('GET', '/v1/channels/show', undefined, key);
  await note('GET', `/v1/channels/show?token=${key}`, undefined, `Basic ${token}`);
  await note('POST', '/v1/channels', `{"id": "${key}`);
  await note('GET', `/${key}`);
  await note('GET', '/trpc/nothing', undefined, `Bearer ${token}`);
  await note('GET', '/trpc/relay.status?input=%7B', undefined, `Bearer ${wrong}`);
  expect(statuses.slice(1)).toEqual([401, 401, 401, 400, 404, 404, 401]);
  await send(`GET / HTTP/1.1\r\nAuthorization: Bearer ${key}\r\nno colon\r\n\r\n`);
  await send(`GET / HTTP/1.1\r\nAuthorization: Bearer ${key}\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`);

  // Outages of the dependencies.
  await stage.origin.stop();
  expect((await request('GET', '/v1/channels/show/playback?viewer=viewer-8')).status).toBeGreaterThanOrEqual(
    409,
  );
  await postgres.stop();
  const period = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z';
  expect((await request('GET', `/v1/costs?${period}`)).status).toBe(503);
  expect((await request('GET', '/v1/channels/show', undefined, `Bearer ${wrong}`)).status).toBe(401);
  api.askToStop();
  expect(await api.exitCode()).toBe(0);

  const { log } = api;
  for (const evidence of [
    'answered',
    'a request could not be parsed',
    'The database is not available',
    '"level":40',
  ])
    expect(log).toContain(evidence);
  const secrets = {
    key: key.slice(-43),
    wrong: wrong.slice(-43),
    token,
    signature: token.split('.').at(-1),
    database: databaseUrl,
    password: new URL(databaseUrl).password,
    agoraCertificate: agoraApp.appCertificate,
    agoraToken: agora.token,
    passedToken,
    playbackToken: new URL(hlsUrl).search,
    originToken: stage.origin.token,
  };
  for (const [name, secret = ''] of Object.entries(secrets)) {
    expect([name, secret.length > 7]).toEqual([name, true]);
    expect([name, log.split('\n').filter((line) => line.includes(secret))]).toEqual([name, []]);
  }
}, 120_000);
