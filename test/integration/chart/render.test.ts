import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { installManifest, installManifestPath } from '../../../hack/generate/install-manifest.ts';
import { serviceDefaults } from '../../../src/server/contract/channel-defaults.ts';
import { apiSettingsSchema } from '../../../src/server/settings.ts';
import { checkout, clusterCli, expectOk, type Cli, type Outcome } from '../../support/cluster/cluster-cli.ts';
import { everything } from './everything.ts';

const chart = 'charts/livechannel-operator';
let helm: Cli;
beforeAll(async () => {
  helm = await clusterCli('helm', '/nonexistent');
}, 900_000);

const container = z.looseObject({
  image: z.string(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  securityContext: z.unknown(),
  resources: z.looseObject({ requests: z.looseObject({}), limits: z.looseObject({ memory: z.string() }) }),
});
const podTemplate = z.looseObject({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
  spec: z.looseObject({ securityContext: z.unknown(), containers: z.array(container) }),
});
const manifestSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});
type Manifest = z.infer<typeof manifestSchema>;
const rulesSchema = z.array(
  z.object({
    apiGroups: z.array(z.string()),
    resources: z.array(z.string()),
    resourceNames: z.array(z.string()).optional(),
    verbs: z.array(z.string()),
  }),
);

const template = (...values: string[]): Promise<Outcome> => templateWith([], ...values);
const templateWith = (flags: readonly string[], ...values: string[]): Promise<Outcome> =>
  helm([
    'template',
    'livechannel',
    chart,
    '--namespace',
    'livechannel-system',
    ...flags,
    ...values.flatMap((value) => ['--set', value]),
  ]);

const render = (...values: string[]): Promise<readonly Manifest[]> => renderWith([], ...values);
async function renderWith(flags: readonly string[], ...values: string[]): Promise<readonly Manifest[]> {
  const documents = parseAllDocuments(await expectOk(templateWith(flags, ...values)));
  return documents
    .map((document) => document.toJS() as unknown)
    .filter((manifest) => manifest !== null)
    .map((manifest) => manifestSchema.parse(manifest));
}

const named = (manifests: readonly Manifest[], kind: string, name: string): Manifest => {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
};
const podsOf = (manifest: Manifest): z.infer<typeof podTemplate> =>
  z.object({ template: podTemplate }).parse(manifest['spec']).template;

/** The tag of the images when none is set. */
async function appVersion(): Promise<string> {
  const text = await readFile(join(checkout, chart, 'Chart.yaml'), 'utf8');
  return z.object({ appVersion: z.string() }).parse(parse(text)).appVersion;
}

const runsPods = /^(Deployment|StatefulSet|Job)$/;

test('helm lint has no complaints', async () => {
  for (const values of [[], everything, ['origin.enabled=false']])
    await expectOk(helm(['lint', '--strict', chart, ...values.flatMap((value) => ['--set', value])]));
}, 30_000);

test('the manifest for kubectl matches the chart (make generate)', async () => {
  expect(await readFile(join(checkout, installManifestPath), 'utf8')).toBe(await installManifest(checkout));
});

describe.each([
  ['by default', []],
  ['with everything switched on', everything],
])('%s', (_name, values) => {
  test('no role has a wildcard or the right to grant rights', async () => {
    const roles = (await render(...values)).filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
    expect(roles.length).toBeGreaterThan(2);
    for (const role of roles) {
      for (const rule of rulesSchema.parse(role['rules'])) {
        expect([...rule.apiGroups, ...rule.resources, ...rule.verbs]).not.toContain('*');
        expect(rule.verbs).not.toEqual(
          expect.arrayContaining([expect.stringMatching(/escalate|bind|impersonate/)]),
        );
      }
    }
  });

  test('every pod meets the restricted standard, and has resource requests, a memory limit, and Secrets mounted as files', async () => {
    const deployments = (await render(...values)).filter(({ kind }) => runsPods.test(kind));
    expect(deployments.map(({ kind }) => kind).sort()).toEqual([
      ...['Deployment', 'Deployment', 'Deployment', 'Job', 'StatefulSet'],
    ]);
    for (const deployment of deployments) {
      const pods = podsOf(deployment);
      expect(pods.spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const each of pods.spec.containers) {
        expect(each.securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(each.env.filter((entry) => JSON.stringify(entry).includes('secretKeyRef'))).toEqual([]);
      }
    }
  });

  test('no pod has a label that changes with the version: an upgrade must not end a show', async () => {
    for (const deployment of (await render(...values)).filter(({ kind }) => runsPods.test(kind))) {
      expect(JSON.stringify(podsOf(deployment).metadata.labels)).not.toMatch(/\d+\.\d+\.\d+/);
    }
  });

  test('every namespaced object is in the namespace of the release or in a watched namespace', async () => {
    const namespaces = ['livechannel-system', 'shop', 'studio'];
    // There is also a Role to read the nodes' Leases, which are in a separate namespace.
    const clusterScoped = /^(ClusterRole|ClusterRoleBinding|CustomResourceDefinition|StreamingPlatform)$/;
    for (const { kind, metadata } of await render(...values)) {
      if (clusterScoped.test(kind)) expect(metadata.namespace).toBeUndefined();
      else expect([...namespaces, 'kube-node-lease']).toContain(metadata.namespace);
    }
  });
});

describe('switches', () => {
  test('origin.enabled=false removes everything of the origin', async () => {
    const manifests = await render('origin.enabled=false', 'networkPolicy.enabled=true');
    expect(manifests.map(({ metadata }) => metadata.name).filter((name) => name.includes('origin'))).toEqual(
      [],
    );
  });

  test('origin.existingSecret is used, and no Secret is created', async () => {
    const manifests = await render('origin.existingSecret=mine');
    const secrets = manifests.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name);
    expect(secrets.toSorted()).toEqual([
      ...['livechannel-api-sessions', 'livechannel-api-tickets', 'livechannel-postgres'],
    ]);
    expect(JSON.stringify(named(manifests, 'Deployment', 'livechannel-origin'))).toContain(
      '"secretName":"mine"',
    );
    expect(named(manifests, 'StreamingPlatform', 'origin')['spec']).toMatchObject({
      credentialsRef: { name: 'mine' },
    });
  });

  test('the keys of tickets are generated, with enough bytes, or those of api.tickets.existingSecret are mounted', async () => {
    const mountedIn = (manifests: readonly Manifest[]): unknown =>
      z
        .array(z.looseObject({ name: z.string() }))
        .parse(podsOf(named(manifests, 'Deployment', 'livechannel-api')).spec['volumes'])
        .find(({ name }) => name === 'ticket-keys');
    const generated = await render();
    const { data } = z
      .object({ data: z.record(z.string(), z.base64()) })
      .parse(named(generated, 'Secret', 'livechannel-api-tickets'));
    const keys = Object.values(data).map((key) => Buffer.from(key, 'base64').byteLength);
    expect(keys).toEqual([64]);
    expect(mountedIn(generated)).toMatchObject({ secret: { secretName: 'livechannel-api-tickets' } });

    const own = await render('api.tickets.existingSecret=mine');
    expect(own.filter(({ metadata }) => metadata.name === 'livechannel-api-tickets')).toEqual([]);
    expect(mountedIn(own)).toMatchObject({ secret: { secretName: 'mine' } });
    const without = await render('api.enabled=false');
    expect(without.filter(({ metadata }) => metadata.name === 'livechannel-api-tickets')).toEqual([]);
  });

  test('the key of sessions is generated, or that of api.login.existingSecret is mounted; without a login, none is', async () => {
    const of = (manifests: readonly Manifest[]) => {
      const { spec } = podsOf(named(manifests, 'Deployment', 'livechannel-api'));
      const volumes = z.array(z.looseObject({ name: z.string() })).parse(spec['volumes']);
      return {
        generated: manifests.some(({ metadata }) => metadata.name === 'livechannel-api-sessions'),
        mounted: volumes.find(({ name }) => name === 'session-keys'),
        isSet: JSON.stringify(spec).includes('LIVECHANNEL_API_SESSION_KEYS_FILE'),
      };
    };
    const byDefault = await render();
    const { data } = z
      .object({ data: z.object({ keys: z.base64() }) })
      .parse(named(byDefault, 'Secret', 'livechannel-api-sessions'));
    expect(Buffer.from(data.keys, 'base64').toString()).toMatch(/^\w{64}$/);
    expect(of(byDefault)).toMatchObject({
      generated: true,
      mounted: { secret: { secretName: 'livechannel-api-sessions', items: [{ key: 'keys' }] } },
      isSet: true,
    });
    expect(of(await render('api.login.existingSecret=mine'))).toMatchObject({
      generated: false,
      mounted: { secret: { secretName: 'mine' } },
    });
    expect(of(await render('api.login.enabled=false'))).toEqual({
      generated: false,
      mounted: undefined,
      isSet: false,
    });
  });

  test('a login at the OIDC issuer mounts the secret of its client alone, and nothing else gets it', async () => {
    const login = [
      ...[
        'api.oidc.issuer=https://id.example.com',
        'api.oidc.audience=live',
        'api.oidc.login.clientId=dashboard',
      ],
      'api.oidc.login.redirectUrl=https://live.example.com/login/oidc/callback',
    ];
    const withSecret = await render(...login, 'api.oidc.login.clientSecretName=dashboard-client');
    const { spec } = podsOf(named(withSecret, 'Deployment', 'livechannel-api'));
    expect(spec['volumes']).toContainEqual({
      name: 'oidc-client',
      secret: {
        secretName: 'dashboard-client',
        optional: true,
        items: [{ key: 'clientSecret', path: 'clientSecret' }],
      },
    });
    const others = withSecret.filter(({ metadata }) => metadata.name !== 'livechannel-api');
    expect(JSON.stringify(others)).not.toContain('dashboard-client');
    const asText = JSON.stringify(named(await render(...login), 'Deployment', 'livechannel-api'));
    expect(asText).toContain('LIVECHANNEL_API_OIDC_CLIENT_ID');
    expect(asText).not.toContain('CLIENT_SECRET_FILE');
  });

  test('crds.enabled and crds.keep', async () => {
    const definitions = (manifests: readonly Manifest[]): Manifest[] =>
      manifests.filter(({ kind }) => kind === 'CustomResourceDefinition');
    const kept = definitions(await render());
    expect(kept.map(({ metadata }) => metadata.annotations)).toEqual(
      Array(2).fill({ 'helm.sh/resource-policy': 'keep' }),
    );
    const removed = definitions(await render('crds.keep=false'));
    expect(removed.map(({ metadata }) => metadata.annotations)).toEqual([{}, {}]);
    expect(definitions(await render('crds.enabled=false'))).toEqual([]);
  });

  test('a single replica has no disruption budget, which would block every drain', async () => {
    const kinds = async (...values: string[]): Promise<string[]> =>
      (await render(...values)).map(({ kind }) => kind);
    expect(await kinds()).toContain('PodDisruptionBudget');
    expect(await kinds('operator.replicas=1', 'api.replicas=1')).not.toContain('PodDisruptionBudget');
  });

  test('images have registry, tag and digest, and the operator gets the image of the relays', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const manifests = await render(
      'operator.image.registry=registry.example.com',
      'operator.image.tag=2.0.0',
      `relay.image.digest=${digest}`,
    );
    const [operator] = podsOf(named(manifests, 'Deployment', 'livechannel-operator')).spec.containers;
    expect(operator?.image).toBe('registry.example.com/livechannel/operator:2.0.0');
    expect(operator?.env).toContainEqual({
      name: 'LIVECHANNEL_RELAY_IMAGE',
      value: `livechannel/relay:${await appVersion()}@${digest}`,
    });
  });

  test('with given namespaces, each has a Role, and the ClusterRole does not grant Secrets and pods', async () => {
    const manifests = await render('operator.watchNamespaces={shop}');
    const clusterRules = rulesSchema.parse(named(manifests, 'ClusterRole', 'livechannel-operator')['rules']);
    expect(clusterRules.flatMap(({ resources }) => resources)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(secrets|pods)$/)]),
    );
    const namespaces = manifests
      .filter(({ kind, metadata }) => kind === 'Role' && metadata.name === 'livechannel-operator')
      .map(({ metadata }) => metadata.namespace);
    expect(namespaces).toEqual(['shop', 'livechannel-system']);
  });

  test('origin.publicUrl is the host of the playback URLs', async () => {
    const env = async (...values: string[]): Promise<unknown> =>
      podsOf(named(await render(...values), 'Deployment', 'livechannel-origin')).spec.containers[0]?.env.find(
        ({ name }) => name === 'LIVECHANNEL_ORIGIN_PUBLIC_URL',
      )?.value;
    expect(await env()).toBe('http://livechannel-origin.livechannel-system.svc:8080');
    expect(await env('origin.publicUrl=https://live.example.com')).toBe('https://live.example.com');
  });
});

describe('the service and its database', () => {
  test('api.enabled=false removes everything of the service', async () => {
    const names = (await render('api.enabled=false', 'networkPolicy.enabled=true')).map(
      ({ metadata }) => metadata.name,
    );
    expect(names.filter((name) => name.startsWith('livechannel-api'))).toEqual([]);
  });

  test('it reads no Secrets, and writes LiveChannels in one namespace only', async () => {
    const manifests = await render('api.namespace=shop');
    const role = named(manifests, 'Role', 'livechannel-api');
    expect(role.metadata.namespace).toBe('shop');
    const rules = [role, named(manifests, 'ClusterRole', 'livechannel-api')].flatMap((each) =>
      rulesSchema.parse(each['rules']),
    );
    const said = rules.flatMap(({ resources, verbs }) => resources.map((each) => `${each}: ${verbs.join()}`));
    expect(said).toEqual([
      'livechannels: get,list,watch,create,patch,delete',
      'streamingplatforms: get,list,watch',
      'tokenreviews: create',
      'subjectaccessreviews: create',
    ]);
  });

  test('it may write Secrets only if it accepts Agora tokens, and then only those, where the cluster has policies', async () => {
    const policies = /^ValidatingAdmissionPolicy(Binding)?$/;
    const withPolicies = ['--api-versions', 'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy'];
    const tokens = (manifests: readonly Manifest[]): string[] =>
      manifests
        .filter(
          ({ kind, metadata }) => policies.test(kind) || metadata.name === 'livechannel-api-agora-tokens',
        )
        .map(({ kind }) => kind);
    expect(tokens(await renderWith(withPolicies))).toEqual([]);
    expect(tokens(await render('api.agoraTokens.accept=true'))).toEqual(['Role', 'RoleBinding']);
    const values = ['api.agoraTokens.accept=true', 'api.namespace=shop'];
    const all = await renderWith(withPolicies, ...values);
    expect(tokens(all).sort()).toEqual([
      ...['Role', 'RoleBinding', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
    ]);
    const role = named(all, 'Role', 'livechannel-api-agora-tokens');
    expect(role.metadata.namespace).toBe('shop');
    expect(rulesSchema.parse(role['rules'])).toEqual([
      { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'patch'] },
    ]);
    const policy = named(all, 'ValidatingAdmissionPolicy', 'livechannel-system-livechannel-api-agora-tokens');
    expect(JSON.stringify(policy['spec'])).toContain(
      'system:serviceaccount:livechannel-system:livechannel-api',
    );
    const [container] = podsOf(named(all, 'Deployment', 'livechannel-api')).spec.containers;
    expect(container?.env).toContainEqual({ name: 'LIVECHANNEL_API_ACCEPT_AGORA_TOKENS', value: 'true' });
  });

  test('an external database replaces the embedded one', async () => {
    const manifests = await render('database.existingSecret=mine', 'networkPolicy.enabled=true');
    expect(manifests.filter(({ metadata }) => metadata.name.includes('postgres'))).toEqual([]);
    for (const part of ['operator', 'api'])
      expect(JSON.stringify(named(manifests, 'Deployment', `livechannel-${part}`))).toContain(
        '"secretName":"mine"',
      );
    // The CA is optional, as is the whole Secret.
    const volumes = [...JSON.stringify(manifests).matchAll(/\{"name":"database","secret":(\{.*?\]\})/g)];
    expect(volumes).toHaveLength(3);
    for (const [, volume = ''] of volumes)
      expect(volume).toMatch(/(?=.*"optional":true)(?=.*\{"key":"ca.crt","path":"ca.crt"\})/);
    expect(manifests.filter(({ kind }) => kind === 'Job')).toHaveLength(1);
  });

  test.each([
    [[], 'livechannel-system'],
    [['api.namespace=shop'], 'shop'],
    [['api.namespace=shop', 'database.appNamespace=shows'], 'shows'],
    [['api.enabled=false'], undefined],
    [['api.enabled=false', 'database.appNamespace=shows'], 'shows'],
  ])('%j names the namespace of the table of an app: %s', async (values, expected) => {
    const [operator] = podsOf(named(await render(...values), 'Deployment', 'livechannel-operator')).spec
      .containers;
    expect(operator?.env.find(({ name }) => name === 'LIVECHANNEL_APP_NAMESPACE')?.value).toBe(expected);
  });

  test('without a database, nothing requires one', async () => {
    const manifests = await render('database.embedded.enabled=false');
    expect(JSON.stringify(manifests)).not.toMatch(/DATABASE_URL|postgres/);
    expect(manifests.filter(({ kind }) => kind === 'Job')).toEqual([]);
  });

  test('the migration runs again for another image, and not for another label', async () => {
    const job = async (...values: string[]): Promise<string | undefined> =>
      (await render(...values)).find(({ kind }) => kind === 'Job')?.metadata.name;
    const first = await job();
    expect(await job('commonLabels.team=live')).toBe(first);
    expect(await job('operator.image.tag=2.0.0')).not.toBe(first);
  });

  test('an ephemeral database gets its schema again from the same Job', async () => {
    const manifests = await render('database.embedded.persistence.enabled=false');
    const [job, again] = ['Job', 'CronJob'].map((kind) => manifests.find((each) => each.kind === kind));
    expect(again?.['spec']).toMatchObject({
      schedule: '* * * * *',
      concurrencyPolicy: 'Forbid',
      jobTemplate: { spec: job?.['spec'] },
    });
    expect((await render()).filter(({ kind }) => kind === 'CronJob')).toEqual([]);
  });

  test('signing keys are files in one directory per platform', async () => {
    const [name, secret] = ['ivs', 'ivs-playback'];
    const manifests = await render(
      `api.playbackKeys[0].platform=${name}`,
      `api.playbackKeys[0].secretName=${secret}`,
      'api.playbackKeys[0].keys={playbackPrivateKey}',
    );
    expect(JSON.stringify(named(manifests, 'Deployment', 'livechannel-api'))).toContain(
      '"items":[{"key":"playbackPrivateKey","path":"ivs/playbackPrivateKey"}]',
    );
  });

  test('its rate limit is the service’s default unless it is set', async () => {
    const limit = async (...values: string[]): Promise<unknown> =>
      podsOf(named(await render(...values), 'Deployment', 'livechannel-api')).spec.containers[0]?.env.find(
        ({ name }) => name === 'LIVECHANNEL_API_RATE_LIMIT',
      )?.value;
    const own = apiSettingsSchema.shape.LIVECHANNEL_API_RATE_LIMIT.parse(undefined);
    expect(await limit()).toBe(String(own));
    expect(await limit('api.rateLimit=600')).toBe('600');
    // The service's default: any number.
    expect(await limit('api.rateLimit=0')).toBe('0');
  });

  test('defaults for labels reach the service, and faulty ones are rejected', async () => {
    const byLabel = async (...values: string[]): Promise<unknown> => {
      const [container] = podsOf(named(await render(...values), 'Deployment', 'livechannel-api')).spec
        .containers;
      const text = container?.env.find(({ name }) => name === 'LIVECHANNEL_API_DEFAULTS_BY_LABEL')?.value;
      return apiSettingsSchema.shape.LIVECHANNEL_API_DEFAULTS_BY_LABEL.parse(text);
    };
    expect(await byLabel()).toEqual([]);
    const entry = 'api.defaultsByLabel[0]';
    expect(await byLabel(`${entry}.labels.tier=beta`, `${entry}.defaults.streamMode=hybrid`)).toEqual([
      { labels: { tier: 'beta' }, defaults: { streamMode: 'hybrid' } },
    ]);
    await expect(byLabel(`${entry}.labels.tier=beta`, `${entry}.defaults.streamMode=x`)).rejects.toThrow(
      'streamMode',
    );
  });

  test('the defaults of new channels are those of the service unless they are set, member by member', async () => {
    const defaults = async (...values: string[]): Promise<unknown> => {
      const [container] = podsOf(named(await render(...values), 'Deployment', 'livechannel-api')).spec
        .containers;
      const text = container?.env.find(({ name }) => name === 'LIVECHANNEL_API_DEFAULTS')?.value;
      return apiSettingsSchema.shape.LIVECHANNEL_API_DEFAULTS.parse(text);
    };
    const own = { streamMode: 'hybrid', ...serviceDefaults };
    expect(await defaults()).toEqual(own);
    expect(await defaults('api.defaults.platform=ivs', 'api.defaults.fallback.afterSeconds=5')).toEqual({
      ...own,
      platform: 'ivs',
      fallback: { mode: 'agora-only', afterSeconds: 5 },
    });
    expect(await defaults('api.defaults.fallback.mode=none', 'api.defaults.idle.noHostSeconds=0')).toEqual({
      streamMode: 'hybrid',
      fallback: { mode: 'none' },
      idle: { noHostSeconds: 0 },
    });
  });

  test('its pod has time for leaving the endpoints, draining and some reserve', async () => {
    const grace = async (...values: string[]): Promise<unknown> =>
      podsOf(named(await render(...values), 'Deployment', 'livechannel-api')).spec[
        'terminationGracePeriodSeconds'
      ];
    const own = (name: 'LIVECHANNEL_API_SHUTDOWN_DELAY_SECONDS' | 'LIVECHANNEL_API_DRAIN_SECONDS'): number =>
      apiSettingsSchema.shape[name].parse(undefined);
    const seconds = own('LIVECHANNEL_API_SHUTDOWN_DELAY_SECONDS') + own('LIVECHANNEL_API_DRAIN_SECONDS');
    expect(await grace()).toBe(seconds + 20);
    const setting = 'api.extraEnv[0].name=LIVECHANNEL_API_DRAIN_SECONDS';
    const longer = await expectOk(
      helm(['template', 'x', chart, '--set', setting, '--set-string', 'api.extraEnv[0].value=600']),
    );
    expect(longer).toContain(
      `terminationGracePeriodSeconds: ${String(own('LIVECHANNEL_API_SHUTDOWN_DELAY_SECONDS') + 600 + 20)}\n`,
    );
    for (const values of [[setting], [setting, 'api.extraEnv[0].value=600']])
      expect(await template(...values)).toMatchObject({
        ok: false,
        stderr: expect.stringContaining(
          'api.extraEnv: LIVECHANNEL_API_DRAIN_SECONDS must have a value, a whole number as text',
        ),
      });
  });

  test('every setting in the chart is a setting of the service', async () => {
    const [container] = podsOf(named(await render(...everything), 'Deployment', 'livechannel-api')).spec
      .containers;
    const known = Object.keys(apiSettingsSchema.shape);
    expect((container?.env ?? []).map((each) => each.name).filter((each) => !known.includes(each))).toEqual(
      [],
    );
    const given = Object.fromEntries((container?.env ?? []).map((each) => [each.name, each.value]));
    expect(apiSettingsSchema.safeParse(given).error).toBeUndefined();
  });
});

describe('invalid values are rejected by name', () => {
  test.each([
    ['operator.replicas=0', '/operator/replicas'],
    ['operator.replicas=two', '/operator/replicas'],
    ['operator.replica=2', 'replica'],
    ['operator.logLevel=loud', '/operator/logLevel'],
    ['operator.image.pullPolicy=Sometimes', '/operator/image/pullPolicy'],
    ['operator.image.digest=latest', '/operator/image/digest'],
    ['operator.watchNamespaces={Shop}', '/operator/watchNamespaces/0'],
    ['origin.publicUrl=live.example.com', '/origin/publicUrl'],
    ['origin.hlsService.type=Ingress', '/origin/hlsService/type'],
    ['origin.mediaSize=1GB', '/origin/mediaSize'],
    ['crds.keep=maybe', '/crds/keep'],
    ['orign.enabled=false', 'orign'],
    ['api.replicas=0', '/api/replicas'],
    ['api.namespace=Shop', '/api/namespace'],
    ['api.oidc.issuer=id.example.com', '/api/oidc/issuer'],
    ['api.defaults.streamMode=both', '/api/defaults/streamMode'],
    ['api.defaults.idle.noHostSeconds=-1', '/api/defaults/idle/noHostSeconds'],
    ['api.defaults.idle.noHosts=1', 'noHosts'],
    ['api.defaults.agoraChannelName=live_{id}', '/api/defaults/agoraChannelName'],
    ['api.defaults.onAir=true', 'onAir'],
    ['database.embedded.persistence.size=8GB', '/database/embedded/persistence/size'],
  ])('%s', async (value, path) => {
    const { ok, stderr } = await template(value);
    expect(ok).toBe(false);
    expect(stderr).toContain("don't meet the specifications of the schema");
    expect(stderr).toContain(path);
  });
});
