import { expect, test } from '@jest/globals';
import { platformViewSchema } from '../../../../src/server/contract/platforms.ts';
import { platformViews } from '../../../../src/server/services/platform-views.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';
import { aCachedPlatform } from '../../../support/server/cached-platform.ts';

const since = '2026-01-01T00:00:00Z';
function quota(status: object | undefined) {
  const [view] = platformViews([aCachedPlatform('mux', { provider: 'mux', mux: {} }, status)], []);
  return platformViewSchema.parse(view).quota;
}
const ready = (status: 'True' | 'False', reason: string) => ({
  conditions: [{ type: 'Ready', status, reason, message: '', lastTransitionTime: since }],
});

test('a platform has its streams, its limit and its orphans', () => {
  const counted = {
    ...ready('True', 'CredentialsVerified'),
    streams: 12,
    maxStreams: 20,
    orphanedStreams: 1,
  };
  expect(quota(counted)).toEqual({ used: 12, limit: 20, orphans: 1, staleSince: null });
});

test('what was never counted is null', () => {
  const unknown = { used: null, limit: null, orphans: null, staleSince: null };
  expect(quota(undefined)).toEqual(unknown);
  expect(quota(ready('True', 'CredentialsVerified'))).toEqual(unknown);
});

test('numbers of a platform that is not ready may be old', () => {
  const counted = { streams: 12, orphanedStreams: 0 };
  expect(quota({ ...ready('False', 'CredentialsRejected'), ...counted })).toEqual({
    ...{ used: 12, limit: null, orphans: 0, staleSince: since },
  });
});

test('the view says whether stream keys can be replaced: those of a fixed ingest cannot', () => {
  const rtmp = aCachedPlatform('own', { provider: 'rtmp', rtmp: {} });
  const mux = aCachedPlatform('mux', { provider: 'mux', mux: {} });
  expect(platformViews([mux, rtmp], []).map(({ capabilities }) => capabilities)).toEqual([
    { rotateKey: true },
    { rotateKey: false },
  ]);
});

test('channels are counted by the platform that they are on', () => {
  const channels = ['a', 'b'].map((name) => aCachedChannel(name, { status: { streamingPlatform: 'mux' } }));
  const platforms = [aCachedPlatform('mux', { provider: 'mux', mux: {} })];
  expect(platformViews(platforms, [...channels, aCachedChannel('c')])).toMatchObject([{ channels: 2 }]);
});
