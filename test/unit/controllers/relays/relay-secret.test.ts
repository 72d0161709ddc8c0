import { describe, expect, test } from '@jest/globals';
import { SecretText } from '../../../../src/base/secret-text.ts';
import type { Slot } from '../../../../src/api/stream-records.ts';
import {
  digest,
  ingestDetails,
  ingestDigest,
  ingestOfRecord,
  relaySecretFacts,
  relaySecretObject,
  secretValue,
  type RelaySecretContent,
} from '../../../../src/controllers/relays/relay-secret.ts';
import type { Secret as SecretObject } from '../../../../src/kube/core-types.ts';
import { aChannel, aRecord, later, now, provisioned } from '../../../support/channel/channel-examples.ts';

const content: RelaySecretContent = {
  ingest: {
    ingestUrl: 'rtmps://ingest.example:1936/live/',
    streamKey: new SecretText('the-stream-key'),
    ingestCa: undefined,
  },
  config: { json: '{"channel":"shop/show"}', digest: 'config-1' },
  token: { token: new SecretText('007the-token'), issuedAt: now, expiresAt: later(7_200) },
  tokenFor: 'credentials-1/show/4000000001',
  controlToken: new SecretText('the-control-token'),
};

/** As the API server returns it. */
function stored(difference: Partial<RelaySecretContent> = {}, slot: Slot = 0): SecretObject {
  const { metadata, data } = relaySecretObject(aChannel(), slot, { ...content, ...difference });
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...metadata, uid: 'secret-uid', resourceVersion: '1' },
    data: data as Record<string, string>,
  };
}

test('a Secret without an Agora token is complete if it was written without one', () => {
  const without = stored({ token: { token: undefined, issuedAt: now, expiresAt: undefined } });
  expect(Object.keys(without.data ?? {})).not.toContain('agora-token');
  expect(relaySecretFacts(without)).toMatchObject({ tokenIssuedAt: now, tokenExpiresAt: undefined });
  const { 'agora-token': _, ...data } = stored().data ?? {};
  expect(relaySecretFacts({ ...stored(), data })).toBeUndefined();
});

test('a written Secret is read back', () => {
  expect(relaySecretFacts(stored())).toEqual({
    ingestDigest: ingestDigest(content.ingest),
    tokenFor: 'credentials-1/show/4000000001',
    tokenIssuedAt: now,
    tokenExpiresAt: later(7_200),
    configDigest: 'config-1',
    revision: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
  });
  const ingest = { ...content.ingest, ingestCa: 'a PEM bundle' };
  expect(ingestDetails(stored({ ingest }))).toEqual(ingest);
  expect(secretValue(stored(), 'controlToken')?.reveal()).toBe('the-control-token');
});

describe('the ingest in a Secret counts only', () => {
  const record = aRecord({
    provisioned: provisioned('s-1', { ingestDigest: ingestDigest(content.ingest) }),
  });

  test('if it is what the platform returned', () => {
    expect(ingestOfRecord(stored(), record)).toEqual(content.ingest);
    const { provisioned: _, ...unanswered } = record;
    expect(ingestOfRecord(stored(), unanswered)).toBeUndefined();
    expect(ingestOfRecord(undefined, record)).toBeUndefined();
  });

  test.each<[string, Partial<RelaySecretContent['ingest']>]>([
    ['another address', { ingestUrl: 'rtmps://attacker.example/live/' }],
    ['another key', { streamKey: new SecretText('another-key') }],
    ['another CA', { ingestCa: 'a PEM bundle' }],
  ])('not with %s, whatever its annotations say', (_what, change) => {
    const edited = stored({ ingest: { ...content.ingest, ...change } });
    const annotations = {
      ...edited.metadata.annotations,
      'livechannel.dev/stream-id': 's-1',
      'livechannel.dev/stream-platform': 'origin',
      'livechannel.dev/stream-name': 'lc-origin',
      'livechannel.dev/playback-url': 'https://attacker.example/x.m3u8',
    };
    const secret = { ...edited, metadata: { ...edited.metadata, annotations } };
    expect(ingestOfRecord(secret, record)).toBeUndefined();
    expect(JSON.stringify(relaySecretFacts(secret))).not.toContain('attacker.example');
  });
});

test('secrets are in the data only', () => {
  const { data: _, ...shown } = stored();
  for (const secret of ['the-stream-key', '007the-token', 'the-control-token'])
    for (const form of [secret, Buffer.from(secret).toString('base64')])
      expect(JSON.stringify(shown)).not.toContain(form);
});

test('the Secret is owned by its channel', () => {
  expect(stored().metadata).toMatchObject({
    name: 'show-relay',
    namespace: 'shop',
    labels: { 'livechannel.dev/channel': 'show' },
    ownerReferences: [{ kind: 'LiveChannel', name: 'show', uid: 'channel-uid', controller: true }],
  });
});

test('the second slot has a separate Secret', () => {
  expect(stored({}, 1).metadata.name).toBe('show-relay-1');
});

describe('the revision', () => {
  const revision = (difference: Partial<RelaySecretContent> = {}): string | undefined =>
    relaySecretFacts(stored(difference))?.revision;

  test('is the same for the same content, and differs with another token, key or configuration', () => {
    const all = [
      revision(),
      revision({ token: { ...content.token, token: new SecretText('007another') } }),
      revision({ ingest: { ...content.ingest, streamKey: new SecretText('another') } }),
      revision({ config: { json: '{}', digest: digest('{}') } }),
    ];
    expect(new Set(all).size).toBe(4);
    expect(revision()).toBe(all[0]);
  });
});

describe('an incomplete Secret is invalid', () => {
  test.each(['relay.json', 'ingest-url', 'stream-key', 'agora-token', 'control-token'])(
    'without %s',
    (key) => {
      const whole = stored();
      const data = Object.fromEntries(Object.entries(whole.data ?? {}).filter(([name]) => name !== key));
      expect(relaySecretFacts({ ...whole, data })).toBeUndefined();
    },
  );

  test.each(['agora-token-issued-at', 'agora-token-expires-at'])('without the annotation %s', (name) => {
    const whole = stored();
    const { [`livechannel.dev/${name}`]: _, ...annotations } = whole.metadata.annotations ?? {};
    expect(relaySecretFacts({ ...whole, metadata: { ...whole.metadata, annotations } })).toBeUndefined();
  });

  test('if it does not exist', () => {
    expect(relaySecretFacts(undefined)).toBeUndefined();
  });
});
