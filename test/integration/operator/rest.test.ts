import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { liveChannelType } from '../../../src/api/kinds.ts';
import { namespaceType, podType } from '../../../src/kube/core-types.ts';
import { clusterCli, expectOk } from '../../support/cluster/cluster-cli.ts';
import { waitingForHost } from '../../support/operator/fake-kubelet.ts';
import { OperatorStage } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

const systemNamespace = 'livechannel-system';
const bindingSchema = z.object({
  kind: z.literal('ClusterRoleBinding'),
  subjects: z.array(z.object({ name: z.string(), namespace: z.string() })),
});
const callSchema = z.object({
  verb: z.string(),
  user: z.object({ username: z.string() }),
  requestURI: z.string(),
  objectRef: z.object({ resource: z.string(), name: z.string().optional() }).optional(),
  responseStatus: z.object({ code: z.number() }).optional(),
});

let folder: string;
let stage: OperatorStage;
let user: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'livechannel-audit-'));
  const policy = join(folder, 'policy.json');
  await writeFile(
    policy,
    JSON.stringify({
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      omitStages: ['RequestReceived', 'ResponseStarted'],
      rules: [{ level: 'Metadata' }],
    }),
  );
  stage = await OperatorStage.build({
    apiServerArguments: [`--audit-policy-file=${policy}`, `--audit-log-path=${join(folder, 'audit.log')}`],
  });
  user = await installRoles();
  const kubeconfigPath = await stage.controlPlane.issueKubeconfig('operator', { commonName: user });
  await stage.putPlatform('origin', { isDefault: true });
  const settings = {
    LIVECHANNEL_LEADER_ELECTION: 'true',
    LIVECHANNEL_NAMESPACE: systemNamespace,
    LIVECHANNEL_ORPHAN_GRACE_SECONDS: '1',
  };
  stage.startOperator(settings, { kubeconfigPath });
}, 300_000);
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** The chart's roles, as helm renders them; gives the name of the user that they are for. */
async function installRoles(): Promise<string> {
  const helm = await clusterCli('helm', stage.controlPlane.kubeconfigPath);
  const args = ['--namespace', systemNamespace, '--show-only', 'templates/operator/rbac.yaml'];
  const rendered = await expectOk(helm(['template', 'livechannel', 'charts/livechannel-operator', ...args]));
  await stage.client.create(namespaceType, { metadata: { name: systemNamespace } });
  await expectOk(stage.kubectl(['apply', '-f', '-'], rendered));
  const objects: unknown[] = parseAllDocuments(rendered).map((each) => each.toJS() as unknown);
  const binding = objects
    .map((each) => bindingSchema.safeParse(each).data)
    .find((each) => each !== undefined);
  const account = binding?.subjects[0];
  if (account === undefined) throw new Error('the chart binds no ClusterRole');
  return `system:serviceaccount:${account.namespace}:${account.name}`;
}

/** The operator's calls so far. */
async function calls(): Promise<z.infer<typeof callSchema>[]> {
  const lines = (await readFile(join(folder, 'audit.log'), 'utf8')).trim().split('\n');
  return lines
    .map((line) => callSchema.parse(JSON.parse(line)))
    .filter((call) => call.user.username === user);
}

test('the chart’s roles allow everything that the operator does, from apply to nothing left', async () => {
  const ref = { namespace: await stage.namespace(), name: 'show' };
  const { metadata } = await stage.apply(ref);
  await stage.onAir(ref);
  await stage.event(ref, 'Normal', 'Live');
  const pod = await stage.pod(ref);
  if (pod !== undefined) await stage.client.delete(podType, pod.metadata);
  await stage.channelIs(ref, 'restarted', ({ status }) => status?.relay?.restarts === 1);
  await stage.apply(ref, { relay: { keyframeIntervalSeconds: 4 } });
  await stage.channelIs(ref, 'restarted', ({ status }) => status?.relay?.restarts === 2);
  await stage.onAir(ref);
  await stage.apply(ref, { suspend: true });
  await stage.notReady(ref, 'Suspended');
  await stage.client.delete(liveChannelType, ref);
  await stage.gone(ref, metadata.uid);
  const refused = (await calls()).filter((call) => call.responseStatus?.code === 403);
  expect(refused.map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([]);
}, 60_000);

test('at rest nothing is written but the Lease', async () => {
  const namespace = await stage.namespace();
  const [live, waiting, off, broken] = ['live', 'waiting', 'off', 'broken'].map((name) => ({
    namespace,
    name,
  }));
  if (!live || !waiting || !off || !broken) throw new Error('four names');
  stage.kubelet.say(waiting, waitingForHost);
  await stage.apply(live);
  await stage.apply(waiting);
  await stage.apply(off, { suspend: true });
  await stage.apply(broken, { agora: { credentialsRef: { name: 'missing' } } });
  await stage.onAir(live);
  await stage.notReady(waiting, 'WaitingForHost');
  await stage.notReady(off, 'Suspended');
  await stage.notReady(broken, 'CredentialsNotFound');
  stage.origin.addForeign('lc-orphan', {
    'livechannel.dev/cluster': 'cluster-under-test',
    'livechannel.dev/channel-uid': 'uid-of-nobody',
  });
  const events = ['Live', 'WaitingForHost', 'StreamCreated', 'CredentialsNotFound'];
  for (const [index, ref] of [live, waiting, off, broken].entries())
    await eventually(`event ${events[index] ?? ''}`, 20, async () =>
      (await stage.events(ref)).some(({ reason }) => reason === events[index]) ? true : undefined,
    );

  await quiet(3_000, 30); // what was said at once may be written a little later
  const before = (await writes()).length;
  await delay(30_000); // the measurement itself
  expect((await writes()).slice(before)).toEqual([]);
}, 120_000);

async function writes(): Promise<string[]> {
  return (await calls())
    .filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))
    .filter(({ objectRef }) => objectRef?.resource !== 'leases')
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}

/** Waits, for at most `seconds`, until nothing has been written for `forMs`. */
async function quiet(forMs: number, seconds: number): Promise<void> {
  let last = { count: -1, since: 0 };
  await eventually('quiet', seconds, async () => {
    const count = (await writes()).length;
    if (count !== last.count) last = { count, since: performance.now() };
    return performance.now() - last.since > forMs ? true : undefined;
  });
}
