import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readDoc } from '../../support/docs/markdown-blocks.ts';
import { checkout, expectOk } from '../../support/cluster/cluster-cli.ts';
import { failuresOf, openShell, selectBlocks, type Shell } from './run-blocks.ts';

let shell: Shell;

beforeAll(async () => {
  shell = await openShell();
}, 900_000);

afterAll(async () => {
  await shell[Symbol.asyncDispose]();
});

const chart = 'charts/livechannel-operator';
/** The alternative installation without helm; it is run after the release was uninstalled. */
const withoutHelm = 'kubectl apply --server-side -f manifests/install.yaml';

/** Only without Helm in the cluster: the chart has created it here. */
const ticketKeys = 'kubectl -n livechannel-system create secret generic livechannel-api-tickets \\';

/** In the order in which an administrator reads them. */
const pages = ['helm.md', 'upgrade.md', 'database.md', 'uninstall.md'];

describe('docs/install', () => {
  test('its commands do what they promise, from the installation to the end of uninstalling', async () => {
    for (const name of pages) {
      const leftOut = name === 'helm.md' ? [withoutHelm, ticketKeys] : [];
      const { blocks, unknown } = selectBlocks(await readDoc(`install/${name}`), leftOut);
      expect([name, unknown, blocks.length > 0]).toEqual([name, [], true]);
      expect([name, await failuresOf(blocks, shell)]).toEqual([name, []]);
    }
    expect(await failuresOf([withoutHelm], shell)).toEqual([]);
  }, 300_000);

  test('names existing chart values and sets them to valid values', async () => {
    const values: unknown = parse(await readFile(join(checkout, chart, 'values.yaml'), 'utf8'));
    const first = Object.keys(values as object).join('|');
    const found = new RegExp(`\`((?:${first})(?:\\.\\w+)+)(?:\\.\\*)?(?:=([^\`]+))?\``, 'g');
    const said = (
      await Promise.all(
        [...pages, 'images.md', 'monitoring.md', 'security.md'].map(async (name) => [
          ...(await readDoc(`install/${name}`)).matchAll(found),
        ]),
      )
    ).flat();
    expect(said.length).toBeGreaterThan(30);
    const isHost = (path: string): boolean => path.endsWith('.com');
    const missing = said
      .map(([, path = '']) => path)
      .filter((path) => !isHost(path) && !has(values, path.split('.')));
    expect(missing).toEqual([]);
    for (const [, path = '', value] of said)
      if (value !== undefined)
        await expectOk(shell.run(`helm template livechannel ${chart} --set '${path}=${value}'`));
  }, 60_000);

  test.each(pages)('%s names existing files', async (name) => {
    for (const [, path = ''] of (await readDoc(`install/${name}`)).matchAll(/\b(manifests\/[\w./-]+\.yaml)/g))
      expect([path, (await readFile(join(checkout, path), 'utf8')).length > 0]).toEqual([path, true]);
  });
});

function has(value: unknown, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true;
  if (typeof value !== 'object' || value === null || !(first in value)) return false;
  return has((value as Record<string, unknown>)[first], rest);
}
