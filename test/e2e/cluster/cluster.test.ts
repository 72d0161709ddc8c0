import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { identityOf } from '../../../hack/cluster/identity.ts';
import { findMachines } from '../../../hack/cluster/machine.ts';
import { processesBeside } from '../../../hack/cluster/processes.ts';
import { programImage } from '../../../hack/cluster/program-image.ts';
import { run } from '../../../hack/cluster/run.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { ensureTool } from '../../../hack/tools/build.ts';
import { foldersFrom } from '../../../hack/tools/folders.ts';
import { type HostSnapshot, snapshotHost } from './host-snapshot.ts';

const main = resolve(import.meta.dirname, '../../../hack/cluster/main.ts');
const image = 'livechannel.dev/test/probe:1';
const minutes = 60_000;

/** A separate cluster for this test, next to one that may run for others. */
let local: string;
let before: HostSnapshot;
let kubectlPath: string;
let archive: string;

const identity = () => identityOf(local);
const environment = () => ({ LIVECHANNEL_LOCAL: local, CLUSTER: 'local', NODES: '2' });
const cluster = (...args: string[]) => run(process.execPath, [main, ...args], { environment: environment() });
const kubectl = (...args: string[]) => run(kubectlPath, ['--kubeconfig', join(local, 'kubeconfig'), ...args]);

beforeAll(async () => {
  const folders = foldersFrom(process.env);
  const report = (line: string) => process.stderr.write(`${line}\n`);
  kubectlPath = await ensureTool(folders, 'kubernetes', report, 'kubectl');
  const probe = await readFile(await ensureTool(folders, 'probe', report));
  local = await mkdtemp(join(tmpdir(), 'livechannel-cluster-test-'));
  archive = join(local, 'probe.tar');
  await writeFile(archive, programImage(image, 'probe', probe));
  before = await snapshotHost(identity(), local);
}, 30 * minutes);

afterAll(async () => {
  await cluster('down');
  await rm(local, { recursive: true, force: true });
}, minutes);

describe('a cluster of two nodes', () => {
  beforeAll(async () => {
    await cluster('up');
    await cluster('load-images', archive);
    await applyPods();
  }, 3 * minutes);

  test.each(['client-1', 'client-2'])(
    '%s reaches Services, pods, the API server and DNS names',
    async (client) => {
      const probe = (...args: string[]) => kubectl('exec', client, '--', '/probe', ...args);
      const address = (await kubectl('get', 'pod', 'server', '-o', 'jsonpath={.status.podIP}')).trim();
      const podName = `${address.replaceAll('.', '-')}.default.pod.cluster.local`;
      expect(await probe('get', 'http://greeter')).toBe('hello from server\n');
      expect(await probe('get', `http://${address}:8080`)).toBe('hello from server\n');
      expect(await probe('get', 'https://10.96.0.1/version')).toContain('gitVersion');
      expect(await probe('get', 'https://kubernetes.default.svc/version')).toContain('gitVersion');
      expect((await probe('lookup', podName)).trim()).toBe(address);
    },
  );

  test('a pod reaches itself through its Service', async () => {
    expect(await kubectl('exec', 'server', '--', '/probe', 'get', 'http://greeter')).toBe(
      'hello from server\n',
    );
  });

  test('the machine reaches node ports on both nodes, and pods', async () => {
    const nodes = await kubectl(
      'get',
      'nodes',
      '-o',
      'jsonpath={.items[*].status.addresses[?(@.type=="InternalIP")].address}',
    );
    const port = await nodePortOf('greeter');
    for (const node of nodes.split(' ')) {
      expect(await (await fetch(`http://${node}:${port}`)).text()).toBe('hello from server\n');
    }
    const address = await kubectl('get', 'pod', 'server', '-o', 'jsonpath={.status.podIP}');
    expect(await (await fetch(`http://${address}:8080`)).text()).toBe('hello from server\n');
  });

  test('kubectl logs works', async () => {
    expect(await kubectl('logs', 'server')).toBe('serving on :8080\n');
  });

  test('Pod Security admission refuses a privileged pod in a restricted namespace', async () => {
    await kubectl('create', 'namespace', 'strict');
    await kubectl('label', 'namespace', 'strict', 'pod-security.kubernetes.io/enforce=restricted');
    await expect(kubectl('-n', 'strict', 'run', 'p', '--privileged', `--image=${image}`)).rejects.toThrow(
      /violates PodSecurity "restricted/,
    );
  });

  test('a second "up" changes nothing', async () => {
    const uid = await kubectl('get', 'pod', 'server', '-o', 'jsonpath={.metadata.uid}');
    await cluster('up');
    expect(await kubectl('get', 'pod', 'server', '-o', 'jsonpath={.metadata.uid}')).toBe(uid);
  });

  test('a node that was deleted and registers again serves new Services', async () => {
    const { metadata, spec } = JSON.parse(await kubectl('get', 'node', 'node-2', '-o', 'json')) as {
      metadata: { labels: object };
      spec: object;
    };
    await kubectl('delete', 'node', 'node-2');
    await apply({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node-2', labels: metadata.labels },
      spec: { ...spec, taints: undefined },
    });
    await apply(nodePortService('later'));
    const port = await nodePortOf('later');
    const address = '{.status.addresses[?(@.type=="InternalIP")].address}';
    await eventually('node-2 serves it', 60, async () => {
      const node = await kubectl('get', 'node', 'node-2', '-o', `jsonpath=${address}`);
      const answer = await fetch(`http://${node}:${port}`, { signal: AbortSignal.timeout(2_000) });
      return (await answer.text()) === 'hello from server\n' || undefined;
    });
  }, 90_000);

  test(
    'a node whose kubelet was killed is reported, and "up" restarts the cluster',
    async () => {
      const [kubelet] = (await programs()).filter(({ args }) => args[0]?.endsWith('/kubelet'));
      process.kill(kubelet?.pid ?? 0, 'SIGKILL');
      await eventually('the status reports it', 10, () =>
        cluster('status').then(
          () => undefined,
          (error: unknown) => String(error).includes('kubelet') || undefined,
        ),
      );
      await cluster('up');
      expect(await cluster('status')).toContain('node-2');
    },
    minutes,
  );

  test(
    '"down" leaves nothing behind',
    async () => {
      await cluster('load-images', archive);
      await applyPods();
      await cluster('down');
      await expectNothingLeft();
    },
    2 * minutes,
  );
});

describe('after a crash in the middle of "up", "down" leaves nothing behind', () => {
  test.each(['pause', 'containerd', 'kubelet'])(
    'when everything is killed while %s is starting',
    async (program) => {
      const up = spawn(process.execPath, [main, 'up'], {
        env: { ...process.env, ...environment() },
        stdio: 'ignore',
      });
      const ended = once(up, 'exit');
      await eventually(
        `${program} runs`,
        60,
        async () => (await programs()).some(({ args }) => args[0]?.endsWith(`/${program}`)) || undefined,
      );
      up.kill('SIGKILL');
      for (const { pid, args } of await programs()) {
        if (args[0]?.endsWith('/pause') !== true) process.kill(pid, 'SIGKILL');
      }
      await ended;
      await cluster('down');
      await expectNothingLeft();
    },
    2 * minutes,
  );
});

/** A server on the first node, a client on each, and a Service. */
async function applyPods(): Promise<void> {
  const pod = (name: string, node: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      nodeName: node,
      containers: [{ name: 'probe', image, args: ['serve', ':8080'] }],
    },
  });
  await apply(
    ...[pod('server', 'node-1'), pod('client-1', 'node-1'), pod('client-2', 'node-2')],
    nodePortService('greeter'),
  );
  await kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s');
  // kube-proxy updates the Service's rules on each node separately.
  for (const client of ['client-1', 'client-2']) {
    await eventually(`the Service is reachable from ${client}`, 60, () =>
      kubectl('exec', client, '--', '/probe', 'get', 'http://greeter'),
    );
  }
}

/** A Service of the server, on a port of every node. */
function nodePortService(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { type: 'NodePort', selector: { app: 'server' }, ports: [{ port: 80, targetPort: 8080 }] },
  };
}

const nodePortOf = (service: string): Promise<string> =>
  kubectl('get', 'service', service, '-o', 'jsonpath={.spec.ports[0].nodePort}');

async function apply(...items: readonly object[]): Promise<void> {
  const file = join(local, 'objects.json');
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await kubectl('apply', '-f', file);
}

/** Every process of the cluster's nodes. */
async function programs() {
  const machines = await findMachines(identity());
  return (await Promise.all(machines.map(({ pid }) => processesBeside(pid)))).flat();
}

async function expectNothingLeft(): Promise<void> {
  // A killed process stays in the list until its parent, which may not be ours, has waited for it.
  await eventually('the processes are gone', 10, async () => {
    return (await snapshotHost(identity(), local)).processes?.length === 0 || undefined;
  });
  expect(await snapshotHost(identity(), local)).toEqual(before);
}
