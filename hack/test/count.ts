/** What a suite has counted. What prevents a suite from running counts as a failed test. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
}

export const addedUp = (counts: readonly Count[]): Count => ({
  passed: counts.reduce((sum, { passed }) => sum + passed, 0),
  failed: counts.reduce((sum, { failed }) => sum + failed, 0),
});

/** The last line of a run, which programs read as well. */
export const closingLine = ({ passed, failed }: Count): string =>
  `${String(passed)} passed, ${String(failed)} failed`;

export function parseClosingLine(line: string): Count | undefined {
  const match = /^(\d+) passed, (\d+) failed$/.exec(line);
  return match === null ? undefined : { passed: Number(match[1]), failed: Number(match[2]) };
}
