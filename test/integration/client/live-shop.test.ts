import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { EventSource } from 'eventsource';
import { Client } from 'pg';
import { end, InstalledApp } from '../../support/client/installed-app.ts';
import { channelOnAir } from '../../support/server/recording-services.ts';
import { TrpcStage } from '../../support/server/trpc-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { migrated } from '../../fixtures/migrated-database.ts';

// npm installs packages, and PostgreSQL starts.
jest.setTimeout(180_000);

/** examples/live-shop with the packed client, its database, and the service that it calls. */
let app: InstalledApp;
let service: TrpcStage;
let postgres: TestPostgres;
let server: ChildProcess;
let url: string;

beforeAll(async () => {
  [app, service, postgres] = await Promise.all([
    InstalledApp.ofExample('examples/live-shop'),
    TrpcStage.start(),
    TestPostgres.start(),
  ]);
  await prepare(postgres.url);
  server = app.start('server/main.ts', {
    LIVECHANNEL_URL: service.url,
    LIVECHANNEL_API_KEY: 'operate',
    DATABASE_URL: postgres.url,
    PORT: '0',
  });
  if (server.stdout === null) throw new Error('the app has no output');
  const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
  url = new URL(line).origin;
});
afterAll(async () => {
  await end(server);
  await Promise.all([app, service, postgres].map((each) => each[Symbol.asyncDispose]()));
});

/** The app's table with a row, the columns of the operator, and what the operator writes for a channel on air. */
async function prepare(databaseUrl: string): Promise<void> {
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    await database.query('create table channels (id serial primary key, title text)');
    await database.query("insert into channels (id, title) values (4711, 'Shoes'), (4712, 'Hats')");
    await migrated(databaseUrl);
    await database.query(
      "update channels set relay_status = 'active', stream_mode = 'hybrid', relay_started_at = now() where id = 4711",
    );
  } finally {
    await database.end();
  }
}

const input = encodeURIComponent(JSON.stringify({ channelId: '4711' }));
async function call(method: 'GET' | 'POST', procedure: string, user?: string): Promise<unknown> {
  const response = await fetch(
    method === 'GET' ? `${url}/trpc/${procedure}?input=${input}` : `${url}/trpc/${procedure}`,
    {
      method,
      headers: {
        'content-type': 'application/json',
        ...(user === undefined ? {} : { cookie: `user=${user}` }),
      },
      ...(method === 'GET' ? {} : { body: JSON.stringify({ channelId: '4711' }) }),
    },
  );
  return response.json();
}

describe('the sample app', () => {
  test('lets the seller start, and a buyer watch', async () => {
    expect(await call('POST', 'relay.start', 'seller-4711')).toEqual({
      result: { data: { success: true, playbackUrl: 'https://hls.example/4711.m3u8' } },
    });
    expect(await call('GET', 'streaming.getPlaybackUrl', 'buyer-1')).toEqual({
      result: { data: { hlsUrl: 'https://hls.example/4711.m3u8', latency: 9 } },
    });
    expect(await call('POST', 'relay.stop', 'buyer-1')).toMatchObject({
      error: { data: { code: 'FORBIDDEN' } },
    });
    expect(await call('GET', 'relay.status')).toMatchObject({ error: { data: { code: 'UNAUTHORIZED' } } });
  });

  test("reads what is on air from the app's own table", async () => {
    expect(await call('GET', 'shows.onAir', 'buyer-1')).toMatchObject({
      result: { data: [{ id: '4711', streamMode: 'hybrid', relayStatus: 'active' }] },
    });
  });

  test('passes events on to the page of a buyer', async () => {
    service.services.tell({ type: 'snapshot', id: '1', channel: channelOnAir });
    const events = new EventSource(`${url}/trpc/events?input=${input}`, {
      fetch: (address, init) =>
        fetch(address, { ...init, headers: { ...init.headers, cookie: 'user=buyer-1' } }),
    });
    const received: unknown[] = [];
    events.addEventListener('message', ({ data }: { data: string }) => received.push(JSON.parse(data)));
    try {
      await eventually('the first event', 15, () => received.length > 0);
    } finally {
      events.close();
    }
    expect(received).toMatchObject([{ type: 'snapshot', channel: { relay: { status: 'active' } } }]);
  });

  test.each([
    ['/?channel=4711', 'text/html; charset=utf-8', '<video'],
    ['/watch.js', 'text/javascript', 'EventSource'],
    ['/hls.js', 'text/javascript', 'export'],
  ])('serves %s', async (path, type, part) => {
    const response = await fetch(url + path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(await response.text()).toContain(part);
  });

  test('serves nothing else', async () => {
    expect((await fetch(`${url}/settings.ts`)).status).toBe(404);
  });
});
