import { expect, test } from '@jest/globals';
import { relayAffinity } from '../../../../src/channel/pod/relay-affinity.ts';

const apart = {
  weight: 100,
  podAffinityTerm: {
    labelSelector: { matchLabels: { 'livechannel.dev/channel': 'show' } },
    topologyKey: 'kubernetes.io/hostname',
  },
};
const notOnNode = { key: 'metadata.name', operator: 'NotIn', values: ['node-1'] };
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
const required = 'requiredDuringSchedulingIgnoredDuringExecution';

test("a channel's relays are on different nodes if possible", () => {
  expect(relayAffinity('show', {}, undefined)).toEqual({ podAntiAffinity: { [preferred]: [apart] } });
});

test("a lost node is excluded, together with the user's node affinity", () => {
  expect(relayAffinity('show', {}, 'node-1')).toMatchObject({
    nodeAffinity: { [required]: { nodeSelectorTerms: [{ matchFields: [notOnNode] }] } },
  });
  const zones = ['a', 'b'].map((zone) => ({
    matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }],
  }));
  const given = { nodeAffinity: { [required]: { nodeSelectorTerms: zones }, [preferred]: [] } };
  expect(relayAffinity('show', given, 'node-1').nodeAffinity).toEqual({
    [preferred]: [],
    [required]: { nodeSelectorTerms: zones.map((zone) => ({ ...zone, matchFields: [notOnNode] })) },
  });
});

test("the user's affinity is kept, and comes first", () => {
  const own = { weight: 1, podAffinityTerm: { topologyKey: 'zone' } };
  const given = { podAffinity: { x: 1 }, podAntiAffinity: { [preferred]: [own], [required]: [] } };
  expect(relayAffinity('show', given, undefined)).toEqual({
    podAffinity: { x: 1 },
    podAntiAffinity: { [preferred]: [own, apart], [required]: [] },
  });
});

test('an invalid affinity is left to the API server to refuse', () => {
  expect(relayAffinity('show', { nodeAffinity: 'near' }, 'node-1')).toEqual({ nodeAffinity: 'near' });
});
