import { expect, test } from '@jest/globals';
import {
  filesToRepeat,
  parseJestReport,
  unsteadyFiles,
  withSecondRun,
} from '../../../../hack/test/jest-report.ts';

const file = (name: string, ...statuses: string[]): object => ({
  name,
  status: statuses.length === 0 || statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status) => ({ status, title: 'a test' })),
});
const parsed = (...files: object[]): ReturnType<typeof parseJestReport> =>
  parseJestReport(JSON.stringify({ numTotalTests: 9, testResults: files }));

test('counts the tests of each file, and one that cannot be loaded as a failed test', () => {
  expect(parsed(file('/a', 'passed', 'failed', 'pending'), file('/b'))).toEqual([
    { file: '/a', passed: 1, failed: 1 },
    { file: '/b', passed: 0, failed: 1 },
  ]);
});

test('a file whose end failed, after its tests have passed, has failed', () => {
  expect(parsed({ ...file('/a', 'passed'), status: 'failed' })).toEqual([
    { file: '/a', passed: 1, failed: 1 },
  ]);
});

test('repeats one file or two that failed, but not three', () => {
  const failing = ['/a', '/b', '/c'].map((name) => file(name, 'passed', 'failed'));
  expect(filesToRepeat(parsed(file('/d', 'passed'), ...failing.slice(0, 2)))).toEqual(['/a', '/b']);
  expect(filesToRepeat(parsed(...failing))).toEqual([]);
});

test('the second run of a file takes the place of its first', () => {
  const first = parsed(file('/a', 'passed'), file('/b', 'failed', 'passed'), file('/c'));
  const second = parsed(file('/b', 'passed', 'passed'), file('/c', 'failed', 'passed'));
  expect(withSecondRun(first, second)).toEqual({ passed: 4, failed: 1 });
  expect(unsteadyFiles(first, second)).toEqual(['/b']);
});

test('a second run that could not start leaves the first', () => {
  const first = parsed(file('/a', 'failed'));
  expect(withSecondRun(first, [{ file: '', passed: 0, failed: 1 }])).toEqual({ passed: 0, failed: 1 });
  expect(unsteadyFiles(first, [])).toEqual([]);
});
