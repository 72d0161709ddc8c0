import { expect, test } from '@jest/globals';
import { SecretText } from '../../../src/base/secret-text.ts';
import {
  derivePlaybackId,
  derivePlaybackKey,
  deriveStreamKey,
  keyFingerprint,
} from '../../../src/origin/keys.ts';

const master = new SecretText('a master secret that is long enough');

test('the same stream always has the same key and playback id, so that nothing must be stored', () => {
  expect(deriveStreamKey(master, 'lc-1', 1).reveal()).toBe(deriveStreamKey(master, 'lc-1', 1).reveal());
  expect(derivePlaybackId(master, 'lc-1')).toBe(derivePlaybackId(master, 'lc-1'));
});

test('another version, stream or master secret results in another key', () => {
  const keys = [
    deriveStreamKey(master, 'lc-1', 1),
    deriveStreamKey(master, 'lc-1', 2),
    deriveStreamKey(master, 'lc-2', 1),
    deriveStreamKey(new SecretText('another master secret, long enough'), 'lc-1', 1),
  ].map((key) => key.reveal());
  expect(new Set(keys).size).toBe(4);
});

test('playback URLs are signed with a separate key', () => {
  const key = derivePlaybackKey(master).reveal();
  expect(key).toBe(derivePlaybackKey(master).reveal());
  expect(key).not.toBe(derivePlaybackKey(new SecretText('another master secret, long enough')).reveal());
  expect(key).toMatch(/^[0-9a-f]{64}$/); // nginx reads it in its configuration.
});

test('neither the playback id nor the fingerprint contains a part of the key', () => {
  const key = deriveStreamKey(master, 'lc-1', 1).reveal();
  expect(key).toMatch(/^[0-9a-f]{40}$/);
  expect(derivePlaybackId(master, 'lc-1')).toMatch(/^[0-9a-f]{32}$/);
  expect(derivePlaybackId(master, 'lc-1').slice(0, 8)).not.toBe(key.slice(0, 8));
  expect(keyFingerprint(key)).not.toContain(key.slice(0, 8));
});
