import { expect, test } from '@jest/globals';
import { operatorSettingsSchema } from '../../../src/operator/settings.ts';

const image = { LIVECHANNEL_RELAY_IMAGE: 'relay:1' };

test('the relay’s image is all that must be said', () => {
  expect(operatorSettingsSchema.parse(image)).toMatchObject({
    LIVECHANNEL_RELAY_IMAGE_PULL_POLICY: 'IfNotPresent',
    LIVECHANNEL_RELAY_IMAGE_PULL_SECRETS: [],
    LIVECHANNEL_WATCH_NAMESPACES: [],
    LIVECHANNEL_LEADER_ELECTION: true,
    LIVECHANNEL_HTTP_PORT: 8080,
    LIVECHANNEL_AGORA_TOKEN_SECONDS: 7_200,
    LIVECHANNEL_DRAIN_SECONDS: 30,
    LIVECHANNEL_FALLBACK_RETURN_SECONDS: 300,
    LIVECHANNEL_FALLBACK_ATTEMPT_SECONDS: 120,
  });
});

test('lists are separated by commas, and numbers are text', () => {
  const settings = operatorSettingsSchema.parse({
    ...image,
    LIVECHANNEL_WATCH_NAMESPACES: 'shop, live,',
    LIVECHANNEL_WORKERS: '4',
    LIVECHANNEL_LEADER_ELECTION: 'false',
    LIVECHANNEL_DRAIN_SECONDS: '0',
  });
  expect(settings).toMatchObject({
    LIVECHANNEL_WATCH_NAMESPACES: ['shop', 'live'],
    LIVECHANNEL_WORKERS: 4,
    LIVECHANNEL_LEADER_ELECTION: false,
    LIVECHANNEL_DRAIN_SECONDS: 0,
  });
});

test.each<[string, Record<string, string>]>([
  ['LIVECHANNEL_RELAY_IMAGE', { LIVECHANNEL_RELAY_IMAGE: '' }],
  ['LIVECHANNEL_AGORA_TOKEN_SECONDS', { ...image, LIVECHANNEL_AGORA_TOKEN_SECONDS: '10' }],
  ['LIVECHANNEL_HTTP_PORT', { ...image, LIVECHANNEL_HTTP_PORT: '99999' }],
  ['LIVECHANNEL_WORKERS', { ...image, LIVECHANNEL_WORKERS: 'many' }],
  ['LIVECHANNEL_DRAIN_SECONDS', { ...image, LIVECHANNEL_DRAIN_SECONDS: '-1' }],
  ['LIVECHANNEL_FALLBACK_ATTEMPT_SECONDS', { ...image, LIVECHANNEL_FALLBACK_ATTEMPT_SECONDS: '1' }],
  ['LIVECHANNEL_LEADER_ELECTION', { ...image, LIVECHANNEL_LEADER_ELECTION: 'perhaps' }],
])('what is wrong with %s is said by its name', (name, environment) => {
  const { error } = operatorSettingsSchema.safeParse(environment);
  expect(error?.issues.map(({ path }) => path)).toEqual([[name]]);
});
