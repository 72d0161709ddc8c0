import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { freePorts } from '../../../hack/cluster/free-ports.ts';
import { namespaceType } from '../../../src/kube/core-types.ts';
import { OperatorStage } from '../../support/operator/operator-stage.ts';
import { checkout, clusterCli, expectOk } from '../../support/cluster/cluster-cli.ts';
import { WillNotHappenError } from '../../../hack/cluster/wait-until.ts';
import { eventually } from '../../support/wait/eventually.ts';

/** The service as the chart lets it run: its own account, the chart's roles, and an API server that writes down all. */
const systemNamespace = 'livechannel-system';
const user = `system:serviceaccount:${systemNamespace}:livechannel-api`;
const callSchema = z.object({
  verb: z.string(),
  user: z.object({ username: z.string() }),
  requestURI: z.string(),
  responseStatus: z.object({ code: z.number() }).optional(),
});

let folder: string;
let stage: OperatorStage;
let service: ChildProcess;
let url: string;
let token: string;
let said = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-audit-'));
  const policy = join(folder, 'policy.json');
  const rules = [{ level: 'Metadata' }];
  const kind = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy' };
  await writeFile(policy, JSON.stringify({ ...kind, omitStages: ['RequestReceived'], rules }));
  stage = await OperatorStage.build({
    apiServerArguments: [`--audit-policy-file=${policy}`, `--audit-log-path=${join(folder, 'audit.log')}`],
  });
  await stage.putPlatform('origin', { isDefault: true });
  stage.startOperator();
  const namespace = await stage.namespace();
  const { kubeconfigPath } = stage.controlPlane;
  const helm = await clusterCli('helm', kubeconfigPath);
  const args = ['--show-only', 'templates/api/rbac.yaml', '--set', `api.namespace=${namespace}`];
  const roles = await expectOk(
    helm(['template', 'livechannel', 'charts/livechannel-operator', '-n', systemNamespace, ...args]),
  );
  await stage.client.create(namespaceType, { metadata: { name: systemNamespace } });
  await expectOk(stage.kubectl(['apply', '-f', '-'], roles));
  const create = (...what: string[]): Promise<string> =>
    expectOk(stage.kubectl(['create', '-n', namespace, ...what]));
  await create('serviceaccount', 'app');
  await create('role', 'app', '--verb=get,update,delete', '--resource=livechannels.livechannel.dev');
  await create('rolebinding', 'app', '--role=app', `--serviceaccount=${namespace}:app`);
  token = (await create('token', 'app')).trim();

  const [port, probes] = await freePorts(2);
  url = `http://127.0.0.1:${String(port)}`;
  service = spawn(process.execPath, ['src/main.ts', 'api'], {
    cwd: checkout,
    env: {
      PATH: process.env['PATH'],
      KUBECONFIG: await stage.controlPlane.issueKubeconfig('api', { commonName: user }),
      LIVECHANNEL_HTTP_HOST: '127.0.0.1',
      LIVECHANNEL_API_PORT: String(port),
      LIVECHANNEL_HTTP_PORT: String(probes),
      LIVECHANNEL_API_NAMESPACE: namespace,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [service.stdout, service.stderr])
    stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await eventually('the service is ready', 20, async () => {
    if (service.exitCode !== null) throw new WillNotHappenError(`the service has ended: ${said}`);
    const ready = await fetch(`http://127.0.0.1:${String(probes)}/readyz`).catch(() => undefined);
    return ready?.ok === true ? true : undefined;
  });
}, 300_000);
afterAll(async () => {
  if (service.exitCode === null) {
    service.kill('SIGTERM');
    await once(service, 'exit');
  }
  await stage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
}, 60_000);

async function call(method: string, path: string, body?: object): Promise<number> {
  const response = await fetch(`${url}/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.text();
  return response.status;
}

test('the chart’s roles allow everything that the service does, and it asks for nothing else', async () => {
  const answers = [
    await call('POST', '/channels', { id: 'show' }),
    await call('GET', '/channels'),
    await call('PATCH', '/channels/show', { maxResolution: '720p' }),
    await call('PUT', '/channels/show/relay'),
    await call('GET', '/channels/show/relay'),
    await call('GET', '/channels/show/playback'),
    await call('GET', '/platforms'),
    await call('DELETE', '/channels/show/relay'),
    await call('DELETE', '/channels/show'),
  ];
  expect(answers.filter((status) => status >= 400)).toEqual([]);
  const lines = (await readFile(join(folder, 'audit.log'), 'utf8')).trim().split('\n');
  const calls = lines
    .map((line) => callSchema.parse(JSON.parse(line)))
    .filter(({ user: { username } }) => username === user);
  const refused = calls.filter(({ responseStatus }) => responseStatus?.code === 403);
  expect(refused.map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([]);
  expect(new Set(calls.map(({ verb }) => verb))).toEqual(
    new Set(['list', 'watch', 'create', 'patch', 'delete']),
  );
  expect(calls.filter(({ requestURI }) => /secrets|configmaps|pods/.test(requestURI))).toEqual([]);
}, 60_000);
