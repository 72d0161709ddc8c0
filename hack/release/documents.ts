import { ReleaseRefused } from './release-refused.ts';

const changelogHeading = '## [Unreleased]';
const upgradingHeading = '## Unreleased';
/** The text in UPGRADING.md for a version that needs no action. */
export const nothingToDo = 'No action is required.';

/** A document after a release, and the text of the section that was released. */
export interface ReleasedDocument {
  readonly text: string;
  readonly section: string;
}

/**
 * CHANGELOG.md with the entries of its Unreleased section under the version and date, and an empty Unreleased section
 * above. Throws ReleaseRefused if there is no such section or it has no entries.
 */
export function releaseChangelog(text: string, version: string, date: string): ReleasedDocument {
  const { before, section, after } = split(text, changelogHeading, 'CHANGELOG.md');
  // Sub-headings alone are no content.
  if (section.replaceAll(/^#+ .*$/gm, '').trim() === '')
    throw new ReleaseRefused(
      'ChangelogEmpty',
      'CHANGELOG.md has no entries under [Unreleased]. A release without a change that users notice is not needed.',
    );
  return {
    section,
    text: `${before}${changelogHeading}\n\n## [${version}] - ${date}\n\n${section}\n${after}`,
  };
}

/** UPGRADING.md with its Unreleased section under the version, and an empty Unreleased section above. */
export function releaseUpgrading(text: string, version: string): ReleasedDocument {
  const { before, section, after } = split(text, upgradingHeading, 'UPGRADING.md');
  const steps = section === '' ? nothingToDo : section;
  return {
    section: steps,
    text: `${before}${upgradingHeading}\n\n${nothingToDo}\n\n## ${version}\n\n${steps}\n${after}`,
  };
}

function split(
  text: string,
  heading: string,
  file: string,
): { before: string; section: string; after: string } {
  const start = text.startsWith(`${heading}\n`) ? 0 : text.indexOf(`\n${heading}\n`) + 1;
  if (!text.startsWith(`${heading}\n`, start))
    throw new ReleaseRefused('FileUnexpected', `${file} has no heading "${heading}". Add it.`);
  const body = start + heading.length + 1;
  const next = text.indexOf('\n## ', body - 1);
  const end = next < 0 ? text.length : next + 1;
  return {
    before: text.slice(0, start),
    section: text.slice(body, end).trim(),
    after: next < 0 ? '' : `\n${text.slice(end)}`,
  };
}
