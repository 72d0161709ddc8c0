import { expect, test } from '@jest/globals';
import { annotations } from '../../../../src/api/names.ts';
import { streamingPlatformSchema } from '../../../../src/api/streaming-platform.ts';
import { rotationAt, rotationProblem } from '../../../../src/server/services/key-rotation.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';

const platform = (spec: object) =>
  streamingPlatformSchema.parse({
    ...{ apiVersion: 'livechannel.dev/v1alpha1', kind: 'StreamingPlatform' },
    metadata: { name: 'ingest', uid: 'u', resourceVersion: '1' },
    spec: { credentialsRef: { namespace: 'default', name: 'ingest' }, ...spec },
  });
const withStream = aCachedChannel('show', { status: { streamId: 's1' } });

test('a key can be replaced where the platform creates keys, also while the platform is unknown to the service', () => {
  expect(rotationProblem(withStream, platform({ provider: 'mux', mux: {} }))).toBeUndefined();
  expect(rotationProblem(withStream, undefined)).toBeUndefined();
});

test('a channel without a stream, and a key that the platform did not create, are refused with what to do', () => {
  expect(rotationProblem(aCachedChannel('show'), undefined)).toMatchObject({
    code: 'cannot-rotate-key',
    detail: 'Channel show has no stream.',
  });
  const rtmp = platform({ provider: 'rtmp', rtmp: { playbackUrl: 'https://play.example/live.m3u8' } });
  expect(rotationProblem(withStream, rtmp)).toMatchObject({
    code: 'cannot-rotate-key',
    detail: expect.stringContaining('Secret'),
  });
});

test('each request is another one', () => {
  const at = (time: string) => rotationAt(new Date(time)).metadata?.annotations?.[annotations.rotateKey];
  expect(at('2026-11-30T08:00:00.000Z')).not.toBe(at('2026-11-30T08:00:00.001Z'));
});
