import { describe, expect, test } from '@jest/globals';
import { freeRange, nodeAddress, podRange, rulesToRemove } from '../../../../hack/cluster/network.ts';

describe('the address range of a cluster', () => {
  test.each([
    ['no range is in use', ['default', '192.168.1.0/24'], 201],
    ['another cluster exists', ['10.201.0.0/24', '10.201.1.0/24'], 202],
    ['a single address of it is routed', ['10.201.7.3'], 202],
    ['a private network contains it', ['10.192.0.0/11'], 224],
    ['a larger network contains others only', ['10.0.0.0/10'], 201],
  ])('is the first free one when %s', (_, destinations, second) => {
    expect(freeRange(destinations)).toBe(second);
  });

  test('is rejected when a network contains them all', () => {
    expect(() => freeRange(['10.0.0.0/8'])).toThrow(/no free address range/);
  });

  test('has an address and a pod range for every node', () => {
    const network = { second: 201, mtu: 1500 };
    expect([nodeAddress(network, 1), podRange(network, 2)]).toEqual(['10.201.0.2', '10.201.2.0/24']);
  });
});

describe('removal of packet filter rules', () => {
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

  test('deletes the chain and the jumps to it, and no other rules', () => {
    expect(rulesToRemove(saved, 'LIVECHANNEL-00000001')).toEqual([
      '-D FORWARD -j LIVECHANNEL-00000001',
      '-F LIVECHANNEL-00000001',
      '-X LIVECHANNEL-00000001',
    ]);
  });

  test('does nothing if the chain does not exist', () => {
    expect(rulesToRemove(saved, 'LIVECHANNEL-00000003')).toEqual([]);
  });
});
