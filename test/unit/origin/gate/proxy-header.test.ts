import { describe, expect, test } from '@jest/globals';
import { proxyHeader, readProxyHeader } from '../../../../src/origin/gate/proxy-header.ts';

const read = (text: string) => readProxyHeader(Buffer.from(text, 'latin1'));

describe('the header', () => {
  test.each([
    ['PROXY TCP4 10.0.0.5 10.0.0.1 40000 1936\r\n', '10.0.0.5'],
    ['PROXY TCP6 fd00::5 fd00::1 40000 1936\r\n', 'fd00::5'],
    [proxyHeader('10.1.2.3'), '10.1.2.3'],
  ])('%j names the client', (text, address) => {
    expect(read(`${text}\u0003rest`)).toEqual({ kind: 'complete', address, bytes: text.length });
  });

  test('is incomplete before its line end', () => {
    expect(read('')).toEqual({ kind: 'incomplete' });
    expect(read('PROXY TCP4 10.0.0.5 10.')).toEqual({ kind: 'incomplete' });
  });

  test.each([
    ['of another protocol', 'GET / HTTP/1.1\r\n'],
    ['without an address', 'PROXY UNKNOWN\r\n'],
    ['that is too long', 'x'.repeat(107)],
    ['with more than an address', 'PROXY TCP4 10.0.0.5;drop 10.0.0.1 1 2\r\n'],
  ])('%s is malformed', (_what, text) => {
    expect(read(text)).toEqual({ kind: 'malformed' });
  });
});
