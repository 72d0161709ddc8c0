import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ControlPlane, startControlPlane } from '../../../hack/cluster/control-plane.ts';
import { listProcesses } from '../../../hack/cluster/processes.ts';
import { run } from '../../../hack/cluster/run.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { ensureTool } from '../../../hack/tools/build.ts';
import { foldersFrom } from '../../../hack/tools/folders.ts';

const minutes = 60_000;
const report = (line: string) => process.stderr.write(`${line}\n`);
let kubectlPath: string;

beforeAll(async () => {
  kubectlPath = await ensureTool(foldersFrom(process.env), 'kubernetes', report, 'kubectl');
}, 30 * minutes);

async function processesIn(folder: string): Promise<string[]> {
  const found = await listProcesses();
  return found.map(({ args }) => args.join(' ')).filter((line) => line.includes(folder));
}

describe('the control plane for tests', () => {
  let controlPlane: ControlPlane;
  let folder: string;
  const kubectl = (kubeconfig: string, ...args: string[]) =>
    run(kubectlPath, ['--kubeconfig', kubeconfig, ...args]);
  const asAdmin = (...args: string[]) => kubectl(controlPlane.kubeconfigPath, ...args);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'livechannel-control-plane-test-'));
    controlPlane = await startControlPlane({ folder });
  }, 2 * minutes);

  afterAll(() => controlPlane.stop(), minutes);

  test(
    'keeps what was stored when the API server is killed and comes back',
    async () => {
      await asAdmin('create', 'configmap', 'kept', '--from-literal=key=value');
      await controlPlane.killApiServer();
      await expect(asAdmin('get', 'configmap', 'kept')).rejects.toThrow(/refused/);
      await controlPlane.startApiServer();
      expect(await asAdmin('get', 'configmap', 'kept', '-o', 'jsonpath={.data.key}')).toBe('value');
    },
    minutes,
  );

  test(
    'removes what a deleted object owned, and a deleted namespace',
    async () => {
      await asAdmin('create', 'namespace', 'doomed');
      await asAdmin('-n', 'doomed', 'create', 'deployment', 'owner', '--image=none', '--replicas=1');
      await eventually('the deployment makes a pod', 60, async () =>
        (await asAdmin('-n', 'doomed', 'get', 'pods', '-o', 'name')) === '' ? undefined : true,
      );
      await asAdmin('delete', 'namespace', 'doomed', '--timeout=60s');
      await expect(asAdmin('get', 'namespace', 'doomed')).rejects.toThrow(/NotFound/);
    },
    2 * minutes,
  );

  test(
    'gives a user no right that was not granted',
    async () => {
      const kubeconfig = await controlPlane.issueKubeconfig('reader', { commonName: 'reader' });
      await expect(kubectl(kubeconfig, 'get', 'pods')).rejects.toThrow(/Forbidden.*"reader"/);
      await asAdmin('create', 'rolebinding', 'reader', '--clusterrole=view', '--user=reader');
      await eventually('the right is known', 60, () => kubectl(kubeconfig, 'get', 'pods').then(() => true));
    },
    2 * minutes,
  );

  test('leaves nothing behind', async () => {
    expect(await processesIn(folder)).not.toEqual([]);
    await controlPlane.stop();
    expect(await processesIn(folder)).toEqual([]);
    await expect(stat(folder)).rejects.toThrow(/ENOENT/);
  });
});

test(
  'a control plane dies with the process that started it, however that ends',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'livechannel-control-plane-test-'));
    const module = resolve(import.meta.dirname, '../../../hack/cluster/control-plane.ts');
    const script = `
    const { startControlPlane } = await import(${JSON.stringify(module)});
    await startControlPlane({ folder: ${JSON.stringify(join(folder, 'plane'))}, controllerManager: false });`;
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
    const marker = `--data-dir=${join(folder, 'plane')}`;
    const started = async () => (await processesIn(marker)).length > 0;
    await eventually('etcd runs', 60, async () => (await started()) || undefined);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await eventually('etcd ends', 10, async () => !(await started()) || undefined);
    await rm(folder, { recursive: true, force: true });
  },
  2 * minutes,
);
