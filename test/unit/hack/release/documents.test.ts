import { expect, test } from '@jest/globals';
import { nothingToDo, releaseChangelog, releaseUpgrading } from '../../../../hack/release/documents.ts';

const changelog = `# Changelog

What changes.

## [Unreleased]

### Added

- A thing.

## [0.1.0] - 2026-11-01

### Added

- The first thing.
`;

test('the unreleased entries get the version and the date, below an empty Unreleased section', () => {
  const { text, section } = releaseChangelog(changelog, '0.2.0', '2026-12-01');
  expect(section).toBe('### Added\n\n- A thing.');
  expect(text).toBe(`# Changelog

What changes.

## [Unreleased]

## [0.2.0] - 2026-12-01

### Added

- A thing.

## [0.1.0] - 2026-11-01

### Added

- The first thing.
`);
});

test('the first release has no older section below it', () => {
  const { text } = releaseChangelog('# Changelog\n\n## [Unreleased]\n\n- A thing.\n', '0.1.0', '2026-12-01');
  expect(text).toBe('# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-12-01\n\n- A thing.\n');
});

test.each([
  ['nothing', '## [Unreleased]\n'],
  ['blank lines', '## [Unreleased]\n\n\n## [0.1.0] - 2026-11-01\n\n- A thing.\n'],
  ['headings alone', '## [Unreleased]\n\n### Added\n\n### Fixed\n'],
])('with %s under Unreleased the release is refused', (_, text) => {
  expect(() => releaseChangelog(text, '0.2.0', '2026-12-01')).toThrow(
    expect.objectContaining({ code: 'ChangelogEmpty' }),
  );
});

test('a changelog without the section, or that only mentions it, is refused', () => {
  for (const text of ['# Changelog\n', '# Changelog\n\nSee "## [Unreleased]" below.\n'])
    expect(() => releaseChangelog(text, '0.2.0', '2026-12-01')).toThrow(
      expect.objectContaining({ code: 'FileUnexpected' }),
    );
});

test('the upgrade notes get the version', () => {
  const { text, section } = releaseUpgrading(
    '# Upgrading\n\n## Unreleased\n\nRename a field.\n\n## 0.1.0\n\nNone.\n',
    '0.2.0',
  );
  expect(section).toBe('Rename a field.');
  expect(text).toBe(
    `# Upgrading\n\n## Unreleased\n\n${nothingToDo}\n\n## 0.2.0\n\nRename a field.\n\n## 0.1.0\n\nNone.\n`,
  );
});

test('a version without upgrade notes needs no action', () => {
  const { section } = releaseUpgrading('# Upgrading\n\n## Unreleased\n', '0.2.0');
  expect(section).toBe(nothingToDo);
});
