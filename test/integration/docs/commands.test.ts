import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { blocksOf } from '../../support/docs/markdown-blocks.ts';
import { pagesBelow } from '../../support/docs/pages.ts';
import { checkout } from '../../support/cluster/cluster-cli.ts';
import { failuresOf, openShell, selectBlocks, type Shell } from './run-blocks.ts';

interface DocumentedCommands {
  readonly page: string;
  /** The prerequisites that the page names. */
  readonly given?: readonly string[];
  /** First lines of blocks that need more than an API server, with the reason. All other blocks are run. */
  readonly leftOut?: readonly string[];
}

/** A LiveChannel show-1 in the current namespace. */
const showOne = "sed 's/friday-show/show-1/' manifests/samples/livechannel-minimal.yaml | kubectl apply -f -";
const hasBudget = `kubectl patch livechannel show-1 --type merge -p '{"spec": {"budget": {"usd": "5", "per": "show"}}}'`;
const apiKey = 'kubectl -n livechannel-system exec deploy/livechannel-api -- \\'; // needs a running pod
const forward = 'kubectl -n livechannel-system port-forward service/livechannel-api 8080:80'; // likewise, and does not end

/** In this order: README.md installs the operator that the following pages need. */
const pages: readonly DocumentedCommands[] = [
  {
    page: 'README.md',
    leftOut: [
      'make demo', // a whole cluster: test/e2e
      'make demo AGORA_APP_ID=... AGORA_APP_CERTIFICATE=... AGORA_CHANNEL=my-show', // an account at Agora
      'make test', // this test
      apiKey,
      forward,
      'curl -H "Authorization: Bearer lc_..." -X PUT http://localhost:8080/v1/channels/42/relay', // needs the service
    ],
  },
  { page: 'docs/channels/first-channel.md' },
  { page: 'docs/channels/fallback.md' },
  { page: 'docs/channels/recordings.md' },
  { page: 'docs/channels/standby.md' },
  { page: 'docs/channels/auto-mode.md', given: [showOne] },
  { page: 'docs/channels/budgets.md', given: [showOne, hasBudget] },
  { page: 'docs/channels/idle.md', given: [showOne] },
  {
    page: 'docs/channels/media.md',
    leftOut: ['kubectl create configmap be-right-back --from-file=slate.png'], // the reader's own image
  },
  { page: 'docs/channels/migration.md', given: [showOne] },
  { page: 'docs/channels/signed-playback.md' },
  {
    page: 'docs/build/player.md',
    leftOut: ['npm install @livechannel/react'], // installed from its tarball by test/integration/web/package
  },
  {
    page: 'docs/build/integrate.md',
    given: ['kubectl -n livechannel-system delete secret agora'],
    leftOut: [
      apiKey,
      forward,
      // With images.yaml and values.yaml of the reader: test/unit/docs/integrate-page.test.ts checks the values.
      'helm upgrade --install livechannel charts/livechannel-operator --namespace livechannel-system -f images.yaml -f values.yaml',
      'make images # the first time, 20 minutes',
      'mkdir -p vendor', // in an app
    ],
  },
  {
    page: 'docs/build/agora.md',
    given: ['kubectl -n livechannel-system delete secret agora-notifications'], // of integrate.md
    // A token of the reader: test/integration/operator/agora-credentials.test.ts uses one.
    leftOut: [
      'printf %s "$TOKEN" | kubectl create secret generic live-42-agora-token --from-file=token=/dev/stdin',
    ],
  },
  {
    page: 'docs/build/authentication.md',
    given: ['kubectl create namespace shop', 'kubectl -n shop create serviceaccount back-end'],
    leftOut: [apiKey],
  },
  { page: 'docs/build/database.md', leftOut: [apiKey] },
  { page: 'docs/build/errors-and-retries.md' },
  {
    page: 'docs/build/events-and-webhooks.md',
    given: ['kubectl -n livechannel-system delete secret livechannel-webhook'], // of integrate.md
  },
  { page: 'docs/build/metrics-and-costs.md' },
  { page: 'docs/build/playback.md' },
  {
    page: 'docs/build/rest-and-trpc.md',
    leftOut: [
      'npm install @tanstack/react-query @trpc/tanstack-react-query@11', // in an app
    ],
  },
  {
    page: 'docs/build/typescript-client.md',
    // In an app, not in the checkout: test/integration/client/docs.test.ts.
    leftOut: [
      'mkdir -p vendor && cp "$(make -s -C ../livechannel-operator client-package)" vendor/',
      'npm install openapi-fetch@0.17',
    ],
  },
];

let shell: Shell;

beforeAll(async () => {
  shell = await openShell();
}, 900_000);

afterAll(async () => {
  await shell[Symbol.asyncDispose]();
});

const readPage = (path: string): Promise<string> => readFile(join(checkout, path), 'utf8');

describe('the commands of', () => {
  test.each(pages.map((each, index) => ({ ...each, namespace: `reader-${String(index)}` })))(
    '$page run unchanged, from the first to the last',
    async ({ page, given = [], leftOut = [], namespace }) => {
      const { blocks, unknown } = selectBlocks(await readPage(page), leftOut);
      expect(unknown).toEqual([]);
      await shell.useNewNamespace(namespace);
      for (const script of given) expect(await shell.run(script)).toMatchObject({ ok: true, stderr: '' });
      expect(await failuresOf(blocks, shell)).toEqual([]);
    },
    120_000,
  );

  test('every page for users and app developers is covered', async () => {
    const found = [...(await pagesBelow('docs/build')), ...(await pagesBelow('docs/channels'))]
      .filter(({ text }) => text.includes('\n```sh\n'))
      .map(({ path }) => path);
    const known = new Set(pages.map(({ page }) => page));
    expect(found.filter((path) => !known.has(path))).toEqual([]);
  });

  test('blocks of an unknown page do not run by accident', async () => {
    const page =
      '```sh\ncurl https://example.com\n```\n```sh\nkubectl get livechannel no-such-channel\n```\n';
    const { blocks, unknown } = selectBlocks(page, ['make demo']);
    expect(unknown).toEqual(['make demo']);
    expect((await failuresOf(blocks, shell)).map(({ block }) => block.split(' ')[0])).toEqual([
      'curl',
      'kubectl',
    ]);
  });
});

/** A manifest of a page; a fragment with only `spec` is completed to a minimal LiveChannel. */
function manifestOf(block: string): object | undefined {
  const value: unknown = parse(block);
  if (typeof value !== 'object' || value === null || !('spec' in value)) return undefined;
  if ('kind' in value) return value;
  return {
    apiVersion: 'livechannel.dev/v1alpha1',
    kind: 'LiveChannel',
    metadata: { name: 'a-part' },
    spec: { agora: { credentialsRef: { name: 'agora' } }, ...(value.spec as object) },
  };
}

describe('the manifests of', () => {
  test.each(pages.map(({ page }) => page))(
    '%s are accepted by an API server with strict validation',
    async (page) => {
      const manifests = blocksOf(await readPage(page), 'yaml').map(manifestOf);
      for (const manifest of manifests.filter((each) => each !== undefined)) {
        const text = JSON.stringify(manifest);
        const script = `kubectl apply --dry-run=server --validate=strict -f - <<'END'\n${text}\nEND`;
        expect([text, (await shell.run(script)).stderr]).toEqual([text, '']);
      }
    },
  );

  test('a page with an unknown field is detected', async () => {
    const manifest = manifestOf('spec:\n  relay: { idle: { holdSeconds: 1 } }');
    const script = `kubectl apply --dry-run=server --validate=strict -f - <<'END'\n${JSON.stringify(manifest)}\nEND`;
    expect((await shell.run(script)).stderr).toContain('holdSeconds');
  });
});

describe('the quick start of README.md', () => {
  test('names one Secret: the sample uses the Secret that the page creates', async () => {
    const readme = await readPage('README.md');
    const created = /create secret generic (\S+) --from-literal=appId/.exec(readme)?.[1];
    const sample = await readPage('manifests/samples/livechannel-minimal.yaml');
    expect(/credentialsRef:\n +name: (\S+)/.exec(sample)?.[1]).toBe(created);
  });

  test('creates the Secret that the service uses, in the namespace where the service creates channels', async () => {
    const { stdout } = await shell.run(
      "kubectl -n livechannel-system get deployment livechannel-api -o jsonpath='{.spec.template.spec.containers[0].env}'",
    );
    const variables = new Map(
      (JSON.parse(stdout) as { name: string; value?: string }[]).map(({ name, value }) => [name, value]),
    );
    const namespace = variables.get('LIVECHANNEL_API_NAMESPACE') ?? 'livechannel-system';
    const secret = variables.get('LIVECHANNEL_API_AGORA_SECRET') ?? 'agora';
    expect(await shell.run(`kubectl -n ${namespace} get secret ${secret}`)).toMatchObject({ ok: true });
  });
});
