import { expect, test } from '@jest/globals';
import { ApiProblem } from '../../../../src/server/problems.ts';
import { AppStage } from '../../../support/server/app-stage.ts';
import { authenticateByScope } from '../../../support/server/authenticate-by-scope.ts';
import { aQoeReport } from '../../../support/server/qoe-reports.ts';

const url = '/v1/channels/4711/qoe';
/** A token whose header is that of a ticket; the service of this test knows it by its claims. */
const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'livechannel-ticket+jwt' })).toString(
  'base64url',
);
const ticket = `${header}.claims.signature`;

const start = (publicPlayback = false) =>
  AppStage.start(
    { LIVECHANNEL_API_PUBLIC_PLAYBACK: publicPlayback },
    {
      authenticate: (headers, call, address) => {
        if (headers.authorization === `Bearer ${ticket}`)
          return { subject: 'ticket:buyer:42', scope: 'playback' };
        if (headers.authorization?.startsWith(`Bearer ${header}`) === true)
          throw new ApiProblem('ticket-expired', 'The ticket has expired.');
        return authenticateByScope(headers, call, address);
      },
    },
  );

const beacon = (stage: AppStage, body: object | string) =>
  stage.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'text/plain;charset=UTF-8' },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });

test('a report is accepted as JSON with the credentials in the header', async () => {
  await using stage = await start();
  const answer = await stage.app.inject({
    method: 'POST',
    url,
    headers: { authorization: 'Bearer playback' },
    payload: aQoeReport(),
  });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({ sampleRate: 1 });
  expect(stage.services.asked).toEqual([['reportQoe', '4711', aQoeReport()]]);
});

test('a beacon at the end of a page has its ticket in the body, which goes no further', async () => {
  await using stage = await start();
  expect((await beacon(stage, { ...aQoeReport(), ticket })).statusCode).toBe(200);
  expect(stage.services.asked).toEqual([['reportQoe', '4711', aQoeReport()]]);
});

test('a beacon without a ticket, with an expired one or with another kind of credentials is refused', async () => {
  await using stage = await start();
  expect((await beacon(stage, aQoeReport())).statusCode).toBe(401);
  expect((await beacon(stage, { ...aQoeReport(), ticket: `${header}.old.x` })).json()).toMatchObject({
    code: 'ticket-expired',
  });
  expect((await beacon(stage, { ...aQoeReport(), ticket: 'admin' })).statusCode).toBe(401);
  expect(stage.services.asked).toEqual([]);
});

test('where public playback is enabled, a beacon needs no ticket', async () => {
  await using stage = await start(true);
  expect((await beacon(stage, aQoeReport())).statusCode).toBe(200);
});

test.each([
  ['not JSON', 'seq=1', 400],
  ['of another version', { ...aQoeReport(), v: 2 }, 400],
  ['with a sid of other characters', { ...aQoeReport(), sid: 'ann@shop.example' }, 400],
  ['about longer than a player can report', { ...aQoeReport(), dur: 301 }, 400],
  ['with a negative time', { ...aQoeReport(), playing: -1 }, 400],
  [
    'with a browser that is not in the list',
    { ...aQoeReport(), ua: { ...aQoeReport().ua, browser: 'x' } },
    400,
  ],
  ['larger than 2 KiB', { ...aQoeReport(), more: 'x'.repeat(2_100) }, 413],
])('a report is refused that is %s', async (_, body, status) => {
  await using stage = await start(true);
  const answer = await beacon(stage, body);
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(stage.services.asked).toEqual([]);
});

test('what a newer player adds is ignored', async () => {
  await using stage = await start(true);
  expect((await beacon(stage, { ...aQoeReport(), added: 1 })).statusCode).toBe(200);
  expect(stage.services.asked).toEqual([['reportQoe', '4711', aQoeReport()]]);
});

test('text is accepted for reports only', async () => {
  await using stage = await start();
  const answer = await stage.app.inject({
    method: 'POST',
    url: '/v1/channels/4711/feedback',
    headers: { authorization: 'Bearer playback', 'content-type': 'text/plain' },
    payload: '{"kind": "lag"}',
  });
  expect(answer.statusCode).toBe(415);
});

test('figures are for back ends, and never cached', async () => {
  await using stage = await start();
  const get = (token: string) => stage.app.inject({ url, headers: { authorization: `Bearer ${token}` } });
  expect((await get('playback')).statusCode).toBe(403);
  const answer = await get('operate');
  expect(answer.json()).toMatchObject({ sessions: 0, connected: 0, minutes: [] });
  expect(answer.headers['cache-control']).toBe('no-store');
});

test('figures of another period are requested as those of metrics are', async () => {
  await using stage = await start();
  const get = (query: string) =>
    stage.app.inject({ url: `${url}?${query}`, headers: { authorization: 'Bearer operate' } });
  expect((await get('from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&step=3600')).statusCode).toBe(200);
  expect(stage.services.asked).toEqual([
    ['qoe', '4711', { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', step: 3_600 }],
  ]);
  expect((await get('step=90')).statusCode).toBe(400);
});

test('a report without a browser has that of its header, of which nothing else is passed on', async () => {
  await using stage = await start(true);
  const { ua: _, ...report } = aQoeReport();
  const answer = await stage.app.inject({
    method: 'POST',
    url,
    headers: {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 shop/7',
    },
    payload: report,
  });
  expect(answer.statusCode).toBe(200);
  const ua = { browser: 'firefox', major: 140, os: 'linux', mobile: false };
  expect(stage.services.asked).toEqual([['reportQoe', '4711', { ...report, ua }]]);
});
