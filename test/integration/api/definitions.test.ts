import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { startControlPlane, type ControlPlane } from '../../../hack/cluster/control-plane.ts';
import { toStructuralSchema } from '../../../hack/generate/structural-schema.ts';
import { liveChannelSchema } from '../../../src/api/live-channel.ts';
import { providers, streamingPlatformSchema } from '../../../src/api/streaming-platform.ts';
import { anyValue } from '../../support/schema/any-object.ts';
import { checkout, clusterCli, expectOk, type Cli } from '../../support/cluster/cluster-cli.ts';

let controlPlane: ControlPlane;
let kubectl: Cli;

beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: false });
  kubectl = await clusterCli('kubectl', controlPlane.kubeconfigPath);
  await expectOk(kubectl(['apply', '--server-side', '-f', 'crds']));
  await expectOk(kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']));
  await expectOk(kubectl(['create', 'namespace', 'livechannel-system']));
}, 900_000);

afterAll(async () => {
  await controlPlane.stop();
});

const apply = (manifest: object, ...flags: string[]) =>
  kubectl(['apply', '--server-side', '-o', 'yaml', ...flags, '-f', '-'], JSON.stringify(manifest));

const channel = (spec: object, name = 'show'): object => ({
  apiVersion: 'livechannel.dev/v1alpha1',
  kind: 'LiveChannel',
  metadata: { name, namespace: 'default' },
  spec,
});
const agora = { credentialsRef: { name: 'agora' } };

const platform = (spec: object, name = 'platform'): object => ({
  apiVersion: 'livechannel.dev/v1alpha1',
  kind: 'StreamingPlatform',
  metadata: { name },
  spec,
});
const credentialsRef = { namespace: 'default', name: 'keys' };

describe('the samples', () => {
  test('are all accepted by the API server and contain no unknown fields', async () => {
    const files = await readdir(join(checkout, 'manifests/samples'));
    expect(files.length).toBeGreaterThanOrEqual(11);
    for (const file of files) {
      const { ok, stderr } = await kubectl(['apply', '--server-side', '-f', `manifests/samples/${file}`]);
      expect({ file, ok, stderr }).toEqual({ file, ok: true, stderr: '' });
    }
  });

  test('are parsed by the operator as the API server returns them', async () => {
    for (const [plural, schema] of [
      ['livechannels', liveChannelSchema],
      ['streamingplatforms', streamingPlatformSchema],
    ] as const) {
      const listed: unknown = JSON.parse(await expectOk(kubectl(['get', plural, '-A', '-o', 'json'])));
      for (const item of (listed as { items: unknown[] }).items)
        expect(() => schema.parse(item)).not.toThrow();
    }
  });
});

describe('defaults', () => {
  test('get their defaults from the API server', async () => {
    const { spec } = parse(await expectOk(apply(channel({ agora }), '--dry-run=server'))) as {
      spec: unknown;
    };
    expect(spec).toEqual({
      agora,
      streamMode: 'hybrid',
      suspend: false,
      playback: { latency: 'standard', access: 'public', recording: 'off' },
      relay: {
        mode: 'auto',
        startOn: 'request',
        replicas: 1,
        maxResolution: '1080p',
        keyframeIntervalSeconds: 2,
        idle: {
          noHostSeconds: 0,
          noViewersSeconds: 0,
          holdLastFrameSeconds: 600,
          hostProbeIntervalSeconds: 60,
        },
      },
      fallback: { mode: 'none', afterSeconds: 30 },
      priority: 0,
      deletionPolicy: 'Delete',
    });
  });

  test('get the same defaults from the API server and the operator', async () => {
    const manifest = channel({ agora: { ...agora, accessPoints: { hosts: ['ap'], domain: 'edge' } } });
    const stored: unknown = parse(await expectOk(apply(manifest, '--dry-run=server')));
    const identity = { name: 'show', uid: 'any' };
    expect(liveChannelSchema.parse({ ...manifest, metadata: identity }).spec).toEqual(
      liveChannelSchema.parse(stored).spec,
    );
  });
});

describe("an invalid LiveChannel is rejected with the field's name and its allowed values", () => {
  const accessPoints = { hosts: ['ap'], domain: 'edge' };
  test.each<[string, object, string[]]>([
    [
      'an unknown start of the relay',
      { agora, relay: { startOn: 'viewer' } },
      ['spec.relay.startOn', '"request", "host"'],
    ],
    [
      'an unknown stream mode',
      { agora, streamMode: 'hls' },
      ['spec.streamMode', '"agora-only", "hybrid", "hls-only", "auto"'],
    ],
    ['no credentials', { agora: {} }, ['spec.agora.credentialsRef: Required value']],
    ['no block spec.agora', {}, ['spec.agora: Required value']],
    [
      'credentials without a name',
      { agora: { credentialsRef: {} } },
      ['spec.agora.credentialsRef.name: Required value'],
    ],
    [
      'a name that no Secret can have',
      { agora: { credentialsRef: { name: 'My Keys' } } },
      ['spec.agora.credentialsRef.name', 'should match'],
    ],
    [
      'a token without the name of its Secret',
      { agora: { ...agora, tokenRef: {} } },
      ['spec.agora.tokenRef.name: Required value'],
    ],
    [
      'a channel name that Agora refuses',
      { agora: { ...agora, channelName: 'a/b' } },
      ['spec.agora.channelName', 'should match'],
    ],
    [
      'a channel name that is too long',
      { agora: { ...agora, channelName: 'a'.repeat(65) } },
      ['spec.agora.channelName', 'may not be more than 64'],
    ],
    [
      'an empty channel name',
      { agora: { ...agora, channelName: '' } },
      ['spec.agora.channelName', 'at least 1 chars long'],
    ],
    ['uid 0', { agora: { ...agora, hostUid: 0 } }, ['spec.agora.hostUid', 'greater than or equal to 1']],
    [
      'a uid of more than 32 bits',
      { agora: { ...agora, hostUid: 2 ** 32 } },
      ['spec.agora.hostUid', 'less than or equal to 4294967295'],
    ],
    [
      'a pin that is not a SHA-256 hash',
      { agora: { ...agora, accessPoints: { ...accessPoints, certificatePins: ['abc'] } } },
      ['spec.agora.accessPoints.certificatePins[0]', 'should match'],
    ],
    [
      'no access point',
      { agora: { ...agora, accessPoints: { ...accessPoints, hosts: [] } } },
      ['spec.agora.accessPoints.hosts', 'at least 1 items'],
    ],
    [
      'a port out of range',
      { agora: { ...agora, accessPoints: { ...accessPoints, port: 70000 } } },
      ['spec.agora.accessPoints.port', 'less than or equal to 65535'],
    ],
    ['three relays', { agora, relay: { replicas: 3 } }, ['spec.relay.replicas', 'less than or equal to 2']],
    [
      'an unknown relay mode',
      { agora, relay: { mode: 'copy' } },
      ['spec.relay.mode', '"auto", "passthrough", "transcode"'],
    ],
    [
      'an unknown resolution',
      { agora, relay: { maxResolution: '4k' } },
      ['spec.relay.maxResolution', '"480p", "720p", "1080p"'],
    ],
    [
      'text in place of a number',
      { agora, relay: { keyframeIntervalSeconds: '2s' } },
      ['spec.relay.keyframeIntervalSeconds', 'expected numeric'],
    ],
    [
      'memory in an unknown unit',
      { agora, relay: { template: { resources: { limits: { memory: '1GB' } } } } },
      ['spec.relay.template.resources.limits.memory', 'should match'],
    ],
    [
      'an unknown effect',
      { agora, relay: { template: { tolerations: [{ effect: 'Never' }] } } },
      ['spec.relay.template.tolerations[0].effect', '"NoSchedule", "PreferNoSchedule", "NoExecute"'],
    ],
    [
      'a toleration of more seconds than JavaScript counts exactly',
      { agora, relay: { template: { tolerations: [{ tolerationSeconds: Number(2n ** 62n) }] } } },
      ['spec.relay.template.tolerations[0].tolerationSeconds', 'less than or equal to 9'],
    ],
    [
      'the same platform twice',
      { agora, platformRef: { name: 'a' }, fallbackPlatformRef: { name: 'a' } },
      ['spec.fallbackPlatformRef.name', 'must not name the same platform'],
    ],
    [
      'an unquoted off, which YAML parses as false',
      { agora, playback: { recording: false } },
      ['spec.playback.recording', 'expected string'],
    ],
    [
      'a budget that is not a number',
      { agora, budget: { usd: 'ten', per: 'show' } },
      ['spec.budget.usd', 'should match'],
    ],
    ['a budget without a period', { agora, budget: { usd: '10' } }, ['spec.budget.per: Required value']],
    [
      'an unknown deletion policy',
      { agora, deletionPolicy: 'Orphan' },
      ['spec.deletionPolicy', '"Delete", "Retain"'],
    ],
    [
      'a field that does not exist',
      { agora, streammode: 'auto' },
      ['.spec.streammode: field not declared in schema'],
    ],
  ])('%s', async (_name, spec, parts) => {
    const { ok, stderr } = await apply(channel(spec), '--dry-run=server');
    expect(ok).toBe(false);
    for (const part of parts) expect(stderr).toContain(part);
  });

  test('a name that is too long for a label', async () => {
    const { ok, stderr } = await apply(channel({ agora }, 'a'.repeat(64)), '--dry-run=server');
    expect(ok).toBe(false);
    expect(stderr).toContain('metadata.name must have at most 63 characters');
  });

  test('no spec', async () => {
    const { ok, stderr } = await apply({ ...channel({}), spec: undefined }, '--dry-run=server');
    expect(ok).toBe(false);
    expect(stderr).toContain('spec: Required value');
  });
});

describe("an invalid StreamingPlatform is rejected with the field's name and its allowed values", () => {
  const ivs = { region: 'eu-central-1' };
  test.each<[string, object, string[]]>([
    [
      'an unknown provider',
      { provider: 'twitch', credentialsRef },
      ['spec.provider', providers.map((each) => `"${each}"`).join(', ')],
    ],
    ['no provider', { credentialsRef }, ['spec.provider: Required value']],
    ['no credentials', { provider: 'ivs', ivs }, ['spec.credentialsRef: Required value']],
    [
      'credentials without a namespace',
      { provider: 'ivs', ivs, credentialsRef: { name: 'keys' } },
      ['spec.credentialsRef.namespace: Required value'],
    ],
    [
      'a provider without its block',
      { provider: 'ivs', credentialsRef },
      ['spec.ivs', 'the block ivs must be set if and only if provider is ivs'],
    ],
    [
      'the block of another provider',
      { provider: 'ivs', ivs, mux: {}, credentialsRef },
      ['spec.mux', 'the block mux must be set if and only if provider is mux'],
    ],
    [
      'an invalid region',
      { provider: 'ivs', ivs: { region: 'Frankfurt' }, credentialsRef },
      ['spec.ivs.region', 'should match'],
    ],
    [
      'an unknown channel type',
      { provider: 'ivs', ivs: { ...ivs, channelType: 'HD' }, credentialsRef },
      ['spec.ivs.channelType', '"STANDARD", "BASIC", "ADVANCED_SD", "ADVANCED_HD"'],
    ],
    [
      'an invalid account ID',
      { provider: 'cloudflare', cloudflare: { accountId: 'me' }, credentialsRef },
      ['spec.cloudflare.accountId', 'should match'],
    ],
    [
      'an origin without a URL',
      { provider: 'origin', origin: {}, credentialsRef },
      ['spec.origin.controlUrl: Required value'],
    ],
    [
      'an invalid URL',
      { provider: 'origin', origin: { controlUrl: 'origin:8081' }, credentialsRef },
      ['spec.origin.controlUrl', 'should match'],
    ],
    [
      'a maximum of 0 streams',
      { provider: 'rtmp', rtmp: {}, credentialsRef, limits: { maxStreams: 0 } },
      ['spec.limits.maxStreams', 'greater than or equal to 1'],
    ],
    [
      'an unknown orphan policy',
      { provider: 'rtmp', rtmp: {}, credentialsRef, orphanPolicy: 'Ignore' },
      ['spec.orphanPolicy', '"Report", "Delete"'],
    ],
  ])('%s', async (_name, spec, parts) => {
    const { ok, stderr } = await apply(platform(spec), '--dry-run=server');
    expect(ok).toBe(false);
    for (const part of parts) expect(stderr).toContain(part);
  });

  test('a changed provider', async () => {
    await expectOk(apply(platform({ provider: 'rtmp', rtmp: {}, credentialsRef }, 'fixed')));
    const { ok, stderr } = await apply(platform({ provider: 'mux', mux: {}, credentialsRef }, 'fixed'));
    expect(ok).toBe(false);
    expect(stderr).toContain('provider is immutable; create another StreamingPlatform');
  });
});

describe('whatever the API server accepts', () => {
  test.each([
    ['livechannels', liveChannelSchema, (spec: unknown, name: string) => channel(spec as object, name)],
    [
      'streamingplatforms',
      streamingPlatformSchema,
      (spec: unknown, name: string) => platform(spec as object, name),
    ],
  ] as const)('of %s the operator can parse', async (plural, schema, named) => {
    const field = toStructuralSchema(schema).properties?.['spec'];
    if (field === undefined) throw new Error('the schema has no spec');
    const providers = (field.properties?.['provider']?.enum ?? []).map(String);
    const blocks = providers.filter((name) => name in (field.properties ?? {}));
    const filled = { ...field, required: [...(field.required ?? []), ...blocks] };
    const items = fc
      .sample(anyValue(filled) as fc.Arbitrary<object & { provider?: unknown }>, { numRuns: 100, seed: 7 })
      .map(({ provider, ...spec }) => ({
        ...(provider === undefined ? {} : { provider }),
        // A platform has the block of its provider, and no other one.
        ...Object.fromEntries(
          Object.entries(spec).filter(([name]) => name === provider || !blocks.includes(name)),
        ),
      }))
      .map((spec, index) => named(spec, `any-${String(index)}`));
    // Those that a rule in CEL refuses are not created; the others are.
    await kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const listed = JSON.parse(await expectOk(kubectl(['get', plural, '-A', '-o', 'json']))) as {
      readonly items: readonly { readonly metadata: { readonly name: string } }[];
    };
    const created = listed.items.filter(({ metadata: { name } }) => name.startsWith('any-'));
    expect(created.length).toBeGreaterThan(5);
    for (const item of created) expect(schema.safeParse(item).error?.issues ?? []).toEqual([]);
  });
});

describe('kubectl', () => {
  test("prints the columns that describe a channel's state", async () => {
    await expectOk(apply(channel({ agora }, 'shown')));
    const status = {
      relayStatus: 'active',
      streamingPlatform: 'origin',
      hlsPlaybackUrl: 'https://play/shown.m3u8',
      relay: { restarts: 3 },
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Live',
          message: '',
          lastTransitionTime: '2031-01-01T00:00:00Z',
        },
      ],
    };
    await expectOk(
      kubectl([
        'patch',
        'lc',
        'shown',
        '--subresource=status',
        '--type=merge',
        '-p',
        JSON.stringify({ status }),
      ]),
    );
    const [header = '', row = ''] = (await expectOk(kubectl(['get', 'lc', 'shown']))).split('\n');
    expect(header.split(/\s+/)).toEqual([
      'NAME',
      'RELAY',
      'READY',
      'REASON',
      'PLATFORM',
      'RESTARTS',
      'URL',
      'AGE',
    ]);
    expect(row).toMatch(/^shown +active +True +Live +origin +3 +https:\/\/play\/shown\.m3u8 +\S+$/);
  });

  test('finds the kinds by their short names and category', async () => {
    const names = await expectOk(
      kubectl(['api-resources', '--categories=streaming', '-o', 'wide', '--no-headers']),
    );
    expect(names).toMatch(/^livechannels +lc +livechannel\.dev\/v1alpha1 +true/m);
    expect(names).toMatch(/^streamingplatforms +sp +livechannel\.dev\/v1alpha1 +false/m);
  });

  test("accepts the singular name of the kind, with and without an object's name", async () => {
    await expectOk(apply(channel({ agora }, 'single')));
    expect(await expectOk(kubectl(['get', 'livechannel', 'single', '-o', 'name']))).toBe(
      'livechannel.livechannel.dev/single\n',
    );
    expect(await expectOk(kubectl(['get', 'livechannel', '-o', 'name']))).toContain('/single');
  });

  test('explains a field', async () => {
    expect(await expectOk(kubectl(['explain', 'livechannel.spec.suspend']))).toContain('The stream is kept');
  });

  test('rejects a change of the status by an ordinary apply', async () => {
    await expectOk(apply({ ...channel({ agora }, 'no-status'), status: { relayStatus: 'active' } }));
    expect(await expectOk(kubectl(['get', 'lc', 'no-status', '-o', 'jsonpath={.status}']))).toBe('');
  });
});
