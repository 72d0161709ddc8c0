import { expect, test } from '@jest/globals';
import { findTool, tools } from '../../../../hack/tools/catalog.ts';
import { foldersFrom } from '../../../../hack/tools/folders.ts';
import { atLeast } from '../../../../hack/tools/go-toolchain.ts';

test.each([
  ['1.26.8', '1.26.8', true],
  ['1.27', '1.26.8', true],
  ['1.26.10', '1.26.8', true],
  ['1.26', '1.26.8', false],
  ['1.9.9', '1.21.0', false],
])('Go %s is at least %s: %s', (version, wanted, expected) => {
  expect(atLeast(version, wanted)).toBe(expected);
});

test('the error for an unknown tool lists the known names', () => {
  expect(() => findTool('helmet')).toThrow(/"helmet".*helm/);
});

test('names of tools and programs are unique', () => {
  const programs = tools.flatMap((tool) => tool.binaries.map((binary) => binary.name));
  expect(new Set(tools.map((tool) => tool.name)).size).toBe(tools.length);
  expect(new Set(programs).size).toBe(programs.length);
});

test('the folders are those of the Makefile, or the same defaults', () => {
  expect(foldersFrom({ HOME: '/home/x' }).cache).toBe('/home/x/.cache/livechannel-operator');
  expect(foldersFrom({ HOME: '/home/x', XDG_CACHE_HOME: '/cache' }).cache).toBe(
    '/cache/livechannel-operator',
  );
  expect(foldersFrom({ LIVECHANNEL_CACHE: '/c', LIVECHANNEL_LOCAL: '/l' })).toMatchObject({
    cache: '/c',
    local: '/l',
  });
});
