import { ReleaseRefused } from './release-refused.ts';

/** MAJOR.MINOR.PATCH without leading zeros. Pre-releases and build metadata are not supported. */
const versionForm = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** Throws ReleaseRefused if `text` is not a version such as 1.2.3. */
export function parseVersion(text: string): string {
  if (!versionForm.test(text))
    throw new ReleaseRefused(
      'VersionInvalid',
      `"${text}" is not a version. Use MAJOR.MINOR.PATCH, for example VERSION=0.2.0.`,
    );
  return text;
}

/** Negative if `a` is the lower version, 0 if they are equal, positive if `a` is the higher one. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (const [index, part] of left.entries()) {
    const difference = part - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const tagOf = (version: string): string => `v${version}`;

/** The released versions, according to the repository's tags. Tags of another form are ignored. */
export function releasedVersions(tags: readonly string[]): readonly string[] {
  return tags
    .filter((tag) => tag.startsWith('v') && versionForm.test(tag.slice(1)))
    .map((tag) => tag.slice(1));
}
