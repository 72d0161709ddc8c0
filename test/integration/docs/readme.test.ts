import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkout, expectOk } from '../chart/cluster-cli.ts';
import { failuresOf, openShell, selectBlocks, type Shell } from './run-blocks.ts';

/** First lines of the blocks that need more than an API server. Every other block of the page is run. */
const leftOut = [
  'make demo', // a whole cluster: test/e2e
  'make demo AGORA_APP_ID=... AGORA_APP_CERTIFICATE=... AGORA_CHANNEL=my-show', // an account at Agora
  'make test', // this test
  'kubectl -n livechannel-system exec deploy/livechannel-api -- \\', // a running pod
];

let shell: Shell;
let page: string;

beforeAll(async () => {
  shell = await openShell();
  page = await readFile(join(checkout, 'README.md'), 'utf8');
}, 900_000);

afterAll(async () => {
  await shell[Symbol.asyncDispose]();
});

describe('README.md', () => {
  test('its commands work, unchanged, from the first to the last', async () => {
    const { commands, unknown } = selectBlocks(page, leftOut);
    expect(unknown).toEqual([]);
    expect(commands.length).toBeGreaterThan(5);
    expect(await failuresOf(commands, shell)).toEqual([]);
  }, 120_000);

  test('the channel finds its Secret: the sample names the one that the page creates', async () => {
    const secret = /create secret generic (\S+) --from-literal=appId/.exec(page)?.[1];
    const named = await expectOk(
      shell.kubectl([
        ...['get', 'livechannel', 'friday-show', '-o'],
        'jsonpath={.spec.agora.credentialsRef.name}',
      ]),
    );
    expect(named).toBe(secret);
    await expectOk(shell.kubectl(['get', 'secret', named]));
  });

  test('the service finds its Secret: it is in the namespace of the channels that it creates', async () => {
    const container = 'jsonpath={.spec.template.spec.containers[0].env}';
    const env = await expectOk(
      shell.kubectl([
        ...['-n', 'livechannel-system', 'get', 'deployment', 'livechannel-api', '-o'],
        container,
      ]),
    );
    const variables = new Map(
      (JSON.parse(env) as { name: string; value?: string }[]).map(({ name, value }) => [name, value]),
    );
    const namespace = variables.get('LIVECHANNEL_API_NAMESPACE') ?? 'livechannel-system';
    const secret = variables.get('LIVECHANNEL_API_AGORA_SECRET') ?? 'agora';
    await expectOk(shell.kubectl(['-n', namespace, 'get', 'secret', secret]));
  });

  test('a block that is neither run nor left out by name is caught', async () => {
    const { commands } = selectBlocks('```sh\ncurl https://example.com\n```\n', []);
    expect(await failuresOf(commands, shell)).toMatchObject([{ command: 'curl https://example.com' }]);
  });
});
