import { expect, test } from '@jest/globals';
import { identityOf, idIn } from '../../../../hack/cluster/identity.ts';

test('the identity of a cluster follows from its folder, and its names have valid lengths', () => {
  const identity = identityOf('/some/where/.local');
  expect(identityOf('/some/where/.local').id).toBe(identity.id);
  expect(identityOf('/else/where/.local').id).not.toBe(identity.id);
  expect(identity.cable(8).length).toBeLessThanOrEqual(15);
  expect(identity.chain.length).toBeLessThanOrEqual(28);
});

test('the id is parsed from the names', () => {
  const { id, tag, bridge } = identityOf('/some/where/.local');
  expect([idIn(tag), idIn(bridge), idIn('livechannel-operator'), idIn('lc-')]).toEqual([
    id,
    id,
    undefined,
    undefined,
  ]);
});
