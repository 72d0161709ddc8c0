import { expect, test } from '@jest/globals';
import { ApiProblem } from '../../../../src/server/problems.ts';
import { AppStage } from '../../../support/server/app-stage.ts';

const path = '/v1/agora/notifications';

test("Agora's notifications reach the receiver byte for byte, without credentials and beyond the limit of callers", async () => {
  const received: unknown[] = [];
  await using stage = await AppStage.start(
    { LIVECHANNEL_API_RATE_LIMIT: 1, LIVECHANNEL_API_RATE_LIMIT_ANONYMOUS: 1 },
    {
      agoraNotifications: {
        receive: async (body, headers) => {
          received.push([Buffer.from(body).toString('hex'), headers]);
        },
      },
    },
  );
  const payload = Buffer.from([0x7b, 0xff, 0x20, 0x7d]); // No UTF-8, and no JSON: that is for the receiver to say.
  for (let count = 0; count < 3; count++) {
    const answer = await stage.app.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/json', 'agora-signature-v2': 'ab' },
      payload,
    });
    expect([answer.statusCode, answer.json()]).toEqual([200, {}]);
  }
  expect(received).toEqual(
    Array.from({ length: 3 }, () => [
      '7bff207d',
      { 'agora-signature': undefined, 'agora-signature-v2': 'ab' },
    ]),
  );
});

test('a notification that cannot be stored is answered with a status that makes Agora repeat it', async () => {
  const problem = new ApiProblem('kubernetes-unavailable', 'away', { retryAfterSeconds: 5 });
  await using stage = await AppStage.start(
    {},
    { agoraNotifications: { receive: () => Promise.reject(problem) } },
  );
  const answer = await stage.app.inject({ method: 'POST', url: path, payload: { eventType: 103 } });
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['content-type']).toContain('application/problem+json');
});
