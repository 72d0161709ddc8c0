import { expect, test } from '@jest/globals';
import { chooseMirror, debianMirror } from '../../../../hack/images/debian-mirror.ts';

test("the mirrors of this machine's apt are used", () => {
  const known = [
    'http://m.example/debian-security/',
    'https://other.example/apt/',
    'http://m.example/debian/',
    '',
  ];
  expect(chooseMirror(known)).toEqual({
    archive: 'http://m.example/debian/',
    security: 'http://m.example/debian-security/',
  });
});

test('without a security mirror in apt, the one beside the archive is used', () => {
  expect(chooseMirror(['http://m.example/debian/']).security).toBe('http://m.example/debian-security/');
});

test('without a mirror of Debian, the error names the setting', () => {
  expect(() => chooseMirror(['http://m.example/ubuntu/'])).toThrow('LIVECHANNEL_DEBIAN_MIRROR');
});

test('the setting takes precedence over apt', async () => {
  expect(await debianMirror({ LIVECHANNEL_DEBIAN_MIRROR: 'http://n.example/debian' })).toEqual({
    archive: 'http://n.example/debian/',
    security: 'http://n.example/debian-security/',
  });
});
