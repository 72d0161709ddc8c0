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

test('where apt knows no security mirror, it is looked for beside the archive', () => {
  expect(chooseMirror(['http://m.example/debian/']).security).toBe('http://m.example/debian-security/');
});

test('a machine without Debian’s mirrors is told which setting to make', () => {
  expect(() => chooseMirror(['http://m.example/ubuntu/'])).toThrow('LIVECHANNEL_DEBIAN_MIRROR');
});

test('the setting goes before what apt knows', async () => {
  expect(await debianMirror({ LIVECHANNEL_DEBIAN_MIRROR: 'http://n.example/debian' })).toEqual({
    archive: 'http://n.example/debian/',
    security: 'http://n.example/debian-security/',
  });
});
