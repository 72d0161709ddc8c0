import { z } from 'zod';
import { releaseChangelog, releaseUpgrading } from './documents.ts';
import { ReleaseRefused } from './release-refused.ts';
import { compareVersions, parseVersion, releasedVersions, tagOf } from './version.ts';

/** The files that a release edits, beside the generated ones. */
export const releaseFiles = {
  package: 'package.json',
  lock: 'package-lock.json',
  chart: 'charts/livechannel-operator/Chart.yaml',
  changelog: 'CHANGELOG.md',
  upgrading: 'UPGRADING.md',
} as const;

/** The observed state of the repository. */
export interface Repository {
  /** The lines of `git status --porcelain`. */
  readonly changes: readonly string[];
  readonly tags: readonly string[];
  /** The content of each of `releaseFiles`, by path. */
  readonly files: ReadonlyMap<string, string>;
}

export interface ReleasePlan {
  readonly version: string;
  readonly tag: string;
  /** Path -> content. */
  readonly edits: ReadonlyMap<string, string>;
  readonly commitMessage: string;
  /** Markdown: what has changed, and how to upgrade. */
  readonly notes: string;
}

const packageSchema = z.object({ version: z.string() });

/**
 * Everything that a release of `version` on `date` (YYYY-MM-DD) writes. Writes nothing itself.
 * Throws ReleaseRefused if the release must not happen.
 */
export function planRelease(repository: Repository, requested: string, date: string): ReleasePlan {
  const version = parseVersion(requested);
  const tag = tagOf(version);
  if (repository.changes.length > 0)
    throw new ReleaseRefused(
      'TreeDirty',
      `The working tree has uncommitted changes (${repository.changes.slice(0, 3).join(', ')}). Commit or stash them.`,
    );
  if (repository.tags.includes(tag))
    throw new ReleaseRefused('TagExists', `Tag ${tag} exists. Choose a higher version.`);
  const read = (path: string): string => {
    const text = repository.files.get(path);
    if (text === undefined) throw new ReleaseRefused('FileUnexpected', `${path} is missing.`);
    return text;
  };
  const present = packageSchema.parse(JSON.parse(read(releaseFiles.package))).version;
  refuseUnlessHigher(version, present, releasedVersions(repository.tags));

  const changelog = releaseChangelog(read(releaseFiles.changelog), version, date);
  const upgrading = releaseUpgrading(read(releaseFiles.upgrading), version);
  return {
    version,
    tag,
    edits: new Map([
      [releaseFiles.package, withPackageVersion(read(releaseFiles.package), version)],
      [releaseFiles.lock, withLockVersion(read(releaseFiles.lock), version)],
      [releaseFiles.chart, withChartVersion(read(releaseFiles.chart), version)],
      [releaseFiles.changelog, changelog.text],
      [releaseFiles.upgrading, upgrading.text],
    ]),
    commitMessage: `chore(release): ${tag}`,
    notes: `# ${version} (${date})\n\n${changelog.section}\n\n## Upgrading\n\n${upgrading.section}\n`,
  };
}

/** Until the first release, the version in package.json is the one in preparation, and may be released unchanged. */
function refuseUnlessHigher(version: string, present: string, released: readonly string[]): void {
  const highest = released.toSorted(compareVersions).at(-1);
  if (highest !== undefined && compareVersions(version, highest) <= 0)
    throw new ReleaseRefused(
      'VersionNotHigher',
      `${version} is not higher than ${highest}, which is released. Choose a higher version.`,
    );
  if (compareVersions(version, present) < 0)
    throw new ReleaseRefused(
      'VersionNotHigher',
      `${version} is lower than ${present} in package.json. Choose a higher version.`,
    );
}

function withPackageVersion(text: string, version: string): string {
  return replaceOnce(text, /^( {2}"version": ")[^"]*(")/m, version, releaseFiles.package);
}

/** The lock file contains the version twice: at the top, and in the entry of the project itself. */
function withLockVersion(text: string, version: string): string {
  const top = replaceOnce(text, /^( {2}"version": ")[^"]*(")/m, version, releaseFiles.lock);
  return replaceOnce(
    top,
    /("packages": \{\s*"": \{\s*"name": "[^"]*",\s*"version": ")[^"]*(")/,
    version,
    releaseFiles.lock,
  );
}

function withChartVersion(text: string, version: string): string {
  const chart = replaceOnce(text, /^(version: ['"]?)[^'"\n]*(['"]?)$/m, version, releaseFiles.chart);
  return replaceOnce(chart, /^(appVersion: ['"]?)[^'"\n]*(['"]?)$/m, version, releaseFiles.chart);
}

/** The text with the part between the two groups of the pattern replaced. Everything else keeps its formatting. */
function replaceOnce(text: string, form: RegExp, value: string, path: string): string {
  if (!form.test(text))
    throw new ReleaseRefused('FileUnexpected', `${path} has no version in the expected place.`);
  return text.replace(form, (_, before: string, after: string) => `${before}${value}${after}`);
}
