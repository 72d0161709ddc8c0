import { describe, expect, test } from '@jest/globals';
import { liveInputSchema } from '../../../../src/platforms/cloudflare/cloudflare-answers.ts';

const bare = { uid: 'x', rtmps: { url: 'rtmps://live/', streamKey: 'k' } };

describe('the status of a live input, in both of its forms', () => {
  const since = '2026-11-22T12:00:00Z';
  test.each([
    [null, { connected: false, everConnected: false }],
    ['connected', { connected: true, everConnected: true }],
    ['reconnected', { connected: true, everConnected: true }],
    ['reconnecting', { connected: false, everConnected: true }],
    ['client_disconnect', { connected: false, everConnected: true }],
    ['ttl_exceeded', { connected: false, everConnected: true }],
    [
      { current: { state: 'connected', statusEnteredAt: since }, history: [] },
      { connected: true, everConnected: true, since },
    ],
    [{ current: { state: 'disconnected' } }, { connected: false, everConnected: true }],
    [{ current: null }, { connected: false, everConnected: false }],
    [{ current: { state: null } }, { connected: false, everConnected: false }],
    // Unknown values must not break anything, nor lose the recording settings.
    [undefined, { connected: undefined, everConnected: true }],
    [42, { connected: undefined, everConnected: true }],
    [{ now: 'connected' }, { connected: undefined, everConnected: true }],
  ])('%j', (status, expected) => {
    expect(liveInputSchema.parse({ ...bare, status }).status).toMatchObject(expected);
  });
});

test('fields that older answers lack are optional', () => {
  expect(liveInputSchema.parse(bare)).toMatchObject({ enabled: true, preferLowLatency: false, meta: {} });
  expect(liveInputSchema.parse({ ...bare, meta: null }).meta).toEqual({});
});

test('the key is required', () => {
  expect(liveInputSchema.safeParse({ uid: 'x', rtmps: { url: 'rtmps://live/' } }).success).toBe(false);
});
