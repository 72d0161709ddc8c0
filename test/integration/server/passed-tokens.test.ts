import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { agoraTokenSecretName } from '../../../src/api/agora-token-secret.ts';
import type { LiveChannel } from '../../../src/api/live-channel.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { SecretText } from '../../../src/base/secret-text.ts';
import { connect, type KubeClient } from '../../../src/kube/client.ts';
import { namespaceType, secretType, type Secret } from '../../../src/kube/core-types.ts';
import { PassedTokens } from '../../../src/server/services/passed-tokens.ts';
import { mintToken } from '../../fixtures/agora/token-minter.ts';
import { clusterCli, expectOk } from '../../support/cluster/cluster-cli.ts';
import { agoraApp, OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

/** The service's account with the role and the policy of the chart, on a real API server. */
const systemNamespace = 'livechannel-system';
const user = `system:serviceaccount:${systemNamespace}:livechannel-api`;
const never = new AbortController().signal;

let stage: OperatorStage;
let namespace: string;
let service: KubeClient;
let tokens: PassedTokens;
beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  namespace = await stage.namespace();
  await stage.client.create(namespaceType, { metadata: { name: systemNamespace } });
  const { kubeconfigPath } = stage.controlPlane;
  const helm = await clusterCli('helm', kubeconfigPath);
  const rendered = await expectOk(
    helm([
      ...['template', 'livechannel', 'charts/livechannel-operator', '-n', systemNamespace],
      ...['--show-only', 'templates/api/agora-tokens.yaml'],
      ...['--set', `api.namespace=${namespace},api.agoraTokens.accept=true`],
      ...['--api-versions', 'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy'],
    ]),
  );
  await expectOk(stage.kubectl(['apply', '-f', '-'], rendered));
  service = await connect({
    kubeconfigPath: await stage.controlPlane.issueKubeconfig('api', { commonName: user }),
    fieldManager: 'livechannel-api',
  });
  tokens = new PassedTokens({ client: service, clock: systemClock, accept: true });
  // The API server applies a new policy after some seconds.
  await eventually('the policy is in force', 60, async () => {
    const attempt = service.apply(secretType, { metadata: { namespace, name: 'probe' }, data: {} });
    return (await messageOf(attempt)).includes('-agora-token') ? true : undefined;
  });
}, 300_000);
afterAll(async () => {
  await service.close();
  await stage[Symbol.asyncDispose]();
}, 60_000);

const messageOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'no error',
    (error: unknown) => String(error),
  );
const mint = (channel: string, seconds = 3_600): SecretText =>
  new SecretText(mintToken(agoraApp, { channel, uid: 0, role: 'audience', lifetimeSeconds: seconds }));
const stored = ({ name }: Ref): Promise<Secret | undefined> =>
  stage.client.get(secretType, { namespace, name: agoraTokenSecretName(name) });
const tokenIn = (secret: Secret | undefined): string =>
  Buffer.from(secret?.data?.['token'] ?? '', 'base64').toString();
async function channelNamed(name: string): Promise<{ ref: Ref; channel: LiveChannel }> {
  const ref = { namespace, name };
  return { ref, channel: await stage.apply(ref) };
}

test('a token is stored for its channel, replaced, and owned by the channel', async () => {
  const { ref, channel } = await channelNamed('live-1');
  const [first, second] = [mint('live-1'), mint('live-1', 7_200)];
  await tokens.store(channel, first, never);
  expect(tokenIn(await stored(ref))).toBe(first.reveal());
  await tokens.store(channel, second, never);
  const secret = await stored(ref);
  expect(tokenIn(secret)).toBe(second.reveal());
  expect(secret?.metadata.ownerReferences).toMatchObject([
    { kind: 'LiveChannel', uid: channel.metadata.uid },
  ]);
  expect(Object.keys(secret?.data ?? {})).toEqual(['token']);
}, 60_000);

test('a Secret of that name that the service did not write is left alone', async () => {
  const { ref, channel } = await channelNamed('live-2');
  await stage.putSecret({ namespace, name: agoraTokenSecretName('live-2') }, { token: 'theirs' });
  await expect(tokens.store(channel, mint('live-2'), never)).rejects.toThrow();
  expect(tokenIn(await stored(ref))).toBe('theirs');
}, 60_000);

test('the service can neither read Secrets nor write any other', async () => {
  const { channel } = await channelNamed('live-3');
  await tokens.store(channel, mint('live-3'), never);
  const { kubeconfigPath } = stage.controlPlane;
  const kubectl = await clusterCli('kubectl', kubeconfigPath);
  const can = async (verb: string): Promise<string> =>
    (await kubectl(['auth', 'can-i', verb, 'secrets', '-n', namespace, '--as', user])).stdout.trim();
  for (const verb of ['get', 'list', 'watch', 'update', 'delete'])
    expect([verb, await can(verb)]).toEqual([verb, 'no']);
  const [owner] = (await stored({ namespace, name: 'live-3' }))?.metadata.ownerReferences ?? [];
  const write = (name: string, change: object): Promise<string> =>
    messageOf(
      service.apply(secretType, {
        metadata: { namespace, name, ...(owner === undefined ? {} : { ownerReferences: [owner] }) },
        ...change,
      }),
    );
  const data = { token: 'eA==' };
  expect(await write('agora', { data: { appCertificate: 'eA==' } })).toMatch(/names end with -agora-token/);
  expect(await write('other-agora-token', { data })).toMatch(/that the LiveChannel of that name owns/);
  expect(await write('live-3-agora-token', { data: { ...data, more: 'eA==' } })).toMatch(/single key token/);
  const kind = { type: 'example.com/other', data };
  expect(await write('live-9-agora-token', kind)).toMatch(/type Opaque/);
}, 60_000);

test('a channel that is created with a token goes on air, and nothing is reported meanwhile', async () => {
  stage.startOperator();
  const ref = { namespace, name: 'live-4' };
  const draft = tokens.withToken({
    metadata: { ...ref, annotations: {} },
    spec: { agora: { credentialsRef: { name: 'agora' } } },
  });
  const token = mint('live-4');
  tokens.check(token, { channelName: 'live-4' });
  const channel = await stage.apply(ref, draft.spec);
  await tokens.store(channel, token, never);
  await stage.onAir(ref);
  const events = await stage.events(ref);
  expect(events.filter(({ type }) => type === 'Warning')).toEqual([]);
  await stage.client.delete({ ...secretType }, { namespace, name: agoraTokenSecretName('live-4') });
}, 60_000);
