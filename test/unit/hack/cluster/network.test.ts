import { describe, expect, test } from '@jest/globals';
import { freeRange, nodeAddress, podRange, rulesToRemove } from '../../../../hack/cluster/network.ts';

describe('the address range of a cluster', () => {
  test.each([
    ['nothing is taken', ['default', '192.168.1.0/24'], 201],
    ['another cluster is there', ['10.201.0.0/24', '10.201.1.0/24'], 202],
    ['a single address of it is routed', ['10.201.7.3'], 202],
    ['a private network holds it', ['10.192.0.0/11'], 224],
    ['a larger network holds others only', ['10.0.0.0/10'], 201],
  ])('is the first free one when %s', (_, destinations, second) => {
    expect(freeRange(destinations)).toBe(second);
  });

  test('is refused when a network holds them all', () => {
    expect(() => freeRange(['10.0.0.0/8'])).toThrow(/no free address range/);
  });

  test('gives every node an address and its pods a range', () => {
    const network = { second: 201, mtu: 1500 };
    expect([nodeAddress(network, 1), podRange(network, 2)]).toEqual(['10.201.0.2', '10.201.2.0/24']);
  });
});

describe('removing the packet filter rules', () => {
  const saved = [
    '*filter',
    ':FORWARD DROP [0:0]',
    ':DOCKER-USER - [0:0]',
    ':LIVECHANNEL-00000001 - [0:0]',
    ':LIVECHANNEL-00000002 - [0:0]',
    '-A FORWARD -j LIVECHANNEL-00000002',
    '-A FORWARD -j LIVECHANNEL-00000001',
    '-A FORWARD -j DOCKER-USER',
    '-A LIVECHANNEL-00000001 -i lc-00000001 -j ACCEPT',
    'COMMIT',
  ];

  test('takes the chain and the jumps to it, and nothing of anybody else', () => {
    expect(rulesToRemove(saved, 'LIVECHANNEL-00000001')).toEqual([
      '-D FORWARD -j LIVECHANNEL-00000001',
      '-F LIVECHANNEL-00000001',
      '-X LIVECHANNEL-00000001',
    ]);
  });

  test('does nothing where there is no such chain', () => {
    expect(rulesToRemove(saved, 'LIVECHANNEL-00000003')).toEqual([]);
  });
});
