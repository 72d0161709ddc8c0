import { z } from 'zod';
import { addedUp, type Count } from './count.ts';

/** What the tests of a file have counted. A file that cannot be loaded counts as a failed test. */
export interface FileCount extends Count {
  /** Absolute. */
  readonly file: string;
}

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string() })),
    }),
  ),
});

/** Reads what jest writes with --json. */
export function parseJestReport(text: string): FileCount[] {
  return report.parse(JSON.parse(text)).testResults.map(({ name, status, assertionResults }) => {
    const count = (wanted: string): number => assertionResults.filter((one) => one.status === wanted).length;
    const failed = count('failed');
    return {
      file: name,
      passed: count('passed'),
      failed: status === 'failed' ? Math.max(1, failed) : failed,
    };
  });
}

/** More files than these that fail are no matter of timing. */
const REPEATED_FILES = 2;

/** The files that are worth a second run alone: those that failed, if they are few. */
export function filesToRepeat(files: readonly FileCount[]): string[] {
  const failed = files.filter((file) => file.failed > 0).map(({ file }) => file);
  return failed.length <= REPEATED_FILES ? failed : [];
}

/** The count of a run in which the second run of a file takes the place of its first. */
export function withSecondRun(first: readonly FileCount[], second: readonly FileCount[]): Count {
  const later = new Map(second.map((file) => [file.file, file]));
  return addedUp(first.map((file) => later.get(file.file) ?? file));
}

/** The files that failed among others and passed alone: their tests are to be mended. */
export const unsteadyFiles = (first: readonly FileCount[], second: readonly FileCount[]): string[] =>
  first
    .filter(({ file, failed }) => failed > 0 && second.some((one) => one.file === file && one.failed === 0))
    .map(({ file }) => file);
