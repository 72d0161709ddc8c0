import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { planRelease, releaseFiles, type Repository } from '../../../../hack/release/plan-release.ts';

const checkout = resolve(import.meta.dirname, '../../../..');

const files: ReadonlyMap<string, string> = new Map([
  [releaseFiles.package, '{\n  "name": "x",\n  "version": "0.1.0",\n  "dependencies": { "y": "0.1.0" }\n}\n'],
  [
    releaseFiles.lock,
    '{\n  "name": "x",\n  "version": "0.1.0",\n  "packages": {\n    "": {\n      "name": "x",\n      "version": "0.1.0"\n    },\n' +
      '    "node_modules/y": {\n      "version": "0.1.0"\n    }\n  }\n}\n',
  ],
  [releaseFiles.chart, "name: x\nversion: 0.1.0\nappVersion: 0.1.0\nkubeVersion: '>=1.29.0-0'\n"],
  [releaseFiles.changelog, '# Changelog\n\n## [Unreleased]\n\n- A thing.\n'],
  [releaseFiles.upgrading, '# Upgrading\n\n## Unreleased\n\nRename a field.\n'],
]);
const repository: Repository = { changes: [], tags: ['v0.1.0'], files };

test('a release changes the version everywhere, and nothing else', () => {
  const plan = planRelease(repository, '0.2.0', '2026-12-01');
  expect(Object.fromEntries(plan.edits)).toEqual({
    [releaseFiles.package]:
      '{\n  "name": "x",\n  "version": "0.2.0",\n  "dependencies": { "y": "0.1.0" }\n}\n',
    [releaseFiles.lock]: files
      .get(releaseFiles.lock)
      ?.replace('"version": "0.1.0"', '"version": "0.2.0"')
      .replace(
        '      "name": "x",\n      "version": "0.1.0"',
        '      "name": "x",\n      "version": "0.2.0"',
      ),
    [releaseFiles.chart]: "name: x\nversion: 0.2.0\nappVersion: 0.2.0\nkubeVersion: '>=1.29.0-0'\n",
    [releaseFiles.changelog]: '# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n- A thing.\n',
    [releaseFiles.upgrading]:
      '# Upgrading\n\n## Unreleased\n\nNo action is required.\n\n## 0.2.0\n\nRename a field.\n',
  });
  expect(plan).toMatchObject({ tag: 'v0.2.0', commitMessage: 'chore(release): v0.2.0' });
  expect(plan.notes).toBe('# 0.2.0 (2026-12-01)\n\n- A thing.\n\n## Upgrading\n\nRename a field.\n');
});

test('before the first release, the version in package.json may be released unchanged', () => {
  expect(planRelease({ ...repository, tags: [] }, '0.1.0', '2026-12-01').tag).toBe('v0.1.0');
});

test.each<[string, Partial<Repository>, string, string]>([
  ['with uncommitted changes', { changes: ['README.md'] }, '0.2.0', 'TreeDirty'],
  ['that exists', { tags: ['v0.1.0', 'v0.2.0'] }, '0.2.0', 'TagExists'],
  ['that is lower than a released one', { tags: ['v0.10.0'] }, '0.9.0', 'VersionNotHigher'],
  ['that is lower than the one in package.json', { tags: [] }, '0.0.9', 'VersionNotHigher'],
  ['that is invalid', {}, '0.2', 'VersionInvalid'],
  [
    'without changes in the changelog',
    { files: new Map([...files, [releaseFiles.changelog, '## [Unreleased]\n']]) },
    '0.2.0',
    'ChangelogEmpty',
  ],
  [
    'whose chart has no version',
    { files: new Map([...files, [releaseFiles.chart, 'name: x\n']]) },
    '0.2.0',
    'FileUnexpected',
  ],
])('a release %s is refused', (_, present, version, code) => {
  expect(() => planRelease({ ...repository, ...present }, version, '2026-12-01')).toThrow(
    expect.objectContaining({ code }),
  );
});

test("the project's own files have the form that a release expects", async () => {
  const own = await Promise.all(
    Object.values(releaseFiles).map(async (path): Promise<[string, string]> => [
      path,
      await readFile(resolve(checkout, path), 'utf8'),
    ]),
  );
  const changelog = new Map(own).get(releaseFiles.changelog) ?? '';
  // Just after a release there is nothing to release, but the form must be the same.
  const withEntry = changelog.replace('## [Unreleased]\n', '## [Unreleased]\n\n- A change.\n');
  const present: Repository = {
    changes: [],
    tags: [],
    files: new Map([...own, [releaseFiles.changelog, withEntry]]),
  };
  expect(planRelease(present, '999.0.0', '2026-12-01').edits.size).toBe(Object.keys(releaseFiles).length);
});
