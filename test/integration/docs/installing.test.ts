import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { startControlPlane, type ControlPlane } from '../../../hack/cluster/control-plane.ts';
import { blocksOf, commandsOf, readDoc } from '../../unit/docs/markdown-blocks.ts';
import { checkout, clusterCli, expectOk, type Cli } from '../chart/cluster-cli.ts';

let controlPlane: ControlPlane;
let kubectl: Cli;
let helm: Cli;
let page: string;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  kubectl = await clusterCli('kubectl', controlPlane.kubeconfigPath);
  helm = await clusterCli('helm', controlPlane.kubeconfigPath);
  page = await readDoc('installing.md');
}, 900_000);

afterAll(async () => {
  await controlPlane.stop();
});

/** `a 'b c' d=' e'` as a shell reads it. */
const wordsOf = (command: string): string[] =>
  (command.match(/(?:[^\s']|'[^']*')+/g) ?? []).map((word) => word.replaceAll("'", ''));

const [chart, namespace] = ['charts/livechannel-operator', 'livechannel-system'];
const withoutHelm = 'kubectl apply --server-side -f manifests/install.yaml';

/** No node runs pods here: nothing gets ready, and there is nowhere to exec. The page installs twice, by choice. */
const asHere = (command: string): string =>
  command
    .replace(
      'helm upgrade ...',
      `helm upgrade livechannel ${chart} --namespace ${namespace} --reset-then-reuse-values`,
    )
    .replace('helm install', 'helm upgrade --install')
    .replace(/^(helm .*) --wait$/, '$1')
    .replace(/ --watch$/, '');

describe('docs/installing.md', () => {
  test('its commands do what they say, from the first to the last', async () => {
    const commands = blocksOf(page, 'sh').flatMap(commandsOf);
    const here = commands.filter((command) => !command.includes(' exec ') && command !== withoutHelm);
    expect([commands.includes(withoutHelm), here.length > 12]).toEqual([true, true]);
    // The app's, in whose namespace the page's examples are.
    await expectOk(kubectl(['create', 'namespace', 'shop']));
    for (const command of [...here.map(asHere), withoutHelm]) {
      const [program, ...args] = wordsOf(command);
      const { ok, stdout, stderr } = await (program === 'helm' ? helm : kubectl)(args);
      expect([command, ok ? '' : stdout + stderr]).toEqual([command, '']);
    }
  }, 240_000);

  test('names values that the chart has, and sets them to what it takes', async () => {
    const values: unknown = parse(await readFile(join(checkout, chart, 'values.yaml'), 'utf8'));
    const first = Object.keys(values as object).join('|');
    const said = [
      ...page.matchAll(new RegExp(`\`((?:${first})(?:\\.\\w+)+)(?:\\.\\*)?(?:=([^\`]+))?\``, 'g')),
    ];
    expect(said.length).toBeGreaterThan(15);
    const missing = said.map(([, path = '']) => path).filter((path) => !has(values, path.split('.')));
    expect(missing).toEqual([]);
    for (const [, path = '', value] of said)
      if (value !== undefined)
        await expectOk(helm(['template', 'livechannel', chart, '--set', `${path}=${value}`]));
  }, 60_000);

  test('names files that there are', async () => {
    for (const [, path = ''] of page.matchAll(/\b(manifests\/[\w./-]+\.yaml)/g))
      expect([path, (await readFile(join(checkout, path), 'utf8')).length > 0]).toEqual([path, true]);
  });
});

function has(value: unknown, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true;
  if (typeof value !== 'object' || value === null || !(first in value)) return false;
  return has((value as Record<string, unknown>)[first], rest);
}
