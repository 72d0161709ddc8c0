import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { eventually } from '../../support/wait/eventually.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { OperatorStage } from '../../support/operator/operator-stage.ts';
import { ApiProcess, appToken } from './api-process.ts';

let stage: OperatorStage;
let postgres: TestPostgres;
beforeAll(async () => {
  stage = await OperatorStage.build();
  postgres = await TestPostgres.start();
}, 180_000);
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

test('a request gives up waiting for a statement before the recorder does, and works again afterwards', async () => {
  const namespace = await stage.namespace();
  const token = await appToken(stage, namespace);
  const address = await migratedDatabase(postgres);
  const url = address().reveal();
  await using api = await ApiProcess.start(stage.controlPlane.kubeconfigPath, {
    LIVECHANNEL_API_NAMESPACE: namespace,
    DATABASE_URL: url,
  });
  const ask = (): Promise<Response> =>
    fetch(`${api.url}/v1/alerts`, { headers: { authorization: `Bearer ${token}` } });
  expect((await ask()).status).toBe(200);

  const holder = new Client({ connectionString: url });
  await holder.connect();
  await holder.query('begin; lock table livechannel_alerts in access exclusive mode');
  await using recorders = openStore({ url: address });
  let writes = true;
  const key = { namespace, channelId: '1' };
  const write = recorders.resolveAlert(key, 'none', new Date()).finally(() => {
    writes = false;
  });
  await eventually('the recorder waits for the lock', 10, async () => {
    const waiting = await postgres.query("select from pg_stat_activity where wait_event_type = 'Lock'");
    return waiting.length > 0 ? true : undefined;
  });
  const answer = await ask();
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await answer.json()).toMatchObject({ code: 'store-unavailable' });
  expect(writes).toBe(true);

  await holder.end();
  await expect(write).resolves.toBeUndefined();
  expect((await ask()).status).toBe(200);
}, 120_000);
