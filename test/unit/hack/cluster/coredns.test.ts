import { expect, test } from '@jest/globals';
import { corefile } from '../../../../hack/cluster/coredns.ts';

test('other names are forwarded to the resolvers of the host', () => {
  const text = corefile('10.201.0.1', '/k', 'search example.dev\nnameserver 127.0.0.53\n');
  expect(text).toContain('forward . /etc/resolv.conf');
  expect(text).toContain('bind 10.201.0.1');
});

test('a host without resolvers still resolves names of the cluster', () => {
  expect(corefile('10.201.0.1', '/k', '# nameserver 1.1.1.1\n')).not.toMatch(/^ *forward/m);
});
