import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { eventually } from '../../support/wait/eventually.ts';
import { OperatorStage } from '../../support/operator/operator-stage.ts';
import { ApiProcess, appToken } from './api-process.ts';

let stage: OperatorStage;
let namespace: string;
let token: string;
beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  namespace = await stage.namespace();
  token = await appToken(stage, namespace);
}, 180_000);
afterAll(() => stage[Symbol.asyncDispose]());

/** Over connections that are kept, as apps do; gives the answer's head. */
function ask(agent: Agent, url: string, method = 'GET'): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(url, { method, agent, headers: { authorization: `Bearer ${token}` } }, resolve)
    .on('error', reject)
    .end();
  return promise;
}

test('a replica that is asked to stop is not ready, answers on, ends what is open, and goes with 0', async () => {
  await using api = await ApiProcess.start(stage.controlPlane.kubeconfigPath, {
    LIVECHANNEL_API_NAMESPACE: namespace,
    LIVECHANNEL_API_START_TIMEOUT_SECONDS: '3',
    LIVECHANNEL_API_SHUTDOWN_DELAY_SECONDS: '1',
    LIVECHANNEL_API_DRAIN_SECONDS: '60',
  });
  const agent = new Agent({ keepAlive: true });
  const before = await ask(agent, `${api.url}/v1/platforms`);
  expect([before.statusCode, before.headers.connection]).toEqual([200, 'keep-alive']);
  before.resume();
  const events = await ask(agent, `${api.url}/v1/events`);
  const eventsOver = once(events.resume(), 'end');
  // There is no operator: it waits for an address that does not come, beyond the leave.
  const open = ask(agent, `${api.url}/v1/channels/slow/relay`, 'PUT');
  await eventually('the channel', 10, async () =>
    (await stage.channel({ namespace, name: 'slow' })) === undefined ? undefined : true,
  );

  api.askToStop();
  await eventually('it is not ready', 5, async () => ((await api.readiness()) === 503 ? true : undefined), {
    everyMs: 20,
  });
  const meanwhile = await ask(agent, `${api.url}/v1/platforms`);
  expect([meanwhile.statusCode, meanwhile.headers.connection]).toEqual([200, 'close']);
  meanwhile.resume();
  await eventsOver;
  const answer = await open;
  expect([answer.statusCode, answer.headers.connection]).toEqual([503, 'close']);
  expect(JSON.parse((await answer.setEncoding('utf8').toArray()).join(''))).toMatchObject({
    code: 'stream-not-ready',
  });
  const answered = performance.now();
  expect(await api.exitCode()).toBe(0);
  // It did not wait for the rest of the minute.
  expect(performance.now() - answered).toBeLessThan(30_000);
  agent.destroy();
}, 120_000);
