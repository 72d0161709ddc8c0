import { describe, expect, test } from '@jest/globals';
import { SecretText } from '../../../../src/base/secret-text.ts';
import { parseIngestTarget, publishingName, targetUrl } from '../../../../src/relay/ingest/ingest-target.ts';

const key = new SecretText('sk_live');

describe('the ingest URL', () => {
  test.each([
    [
      'rtmps://a1b2.global-contribute.live-video.net:443/app/',
      { secure: true, host: 'a1b2.global-contribute.live-video.net', port: 443, app: 'app' },
    ],
    [
      'rtmps://live.cloudflare.com/live/',
      { secure: true, host: 'live.cloudflare.com', port: 443, app: 'live' },
    ],
    ['rtmp://origin:1936/live', { secure: false, host: 'origin', port: 1936, app: 'live' }],
    ['rtmp://[::1]/a/b/', { secure: false, host: '::1', port: 1935, app: 'a/b' }],
  ])('%s', (url, expected) => {
    const target = parseIngestTarget(url, key);
    expect(target).toMatchObject(expected);
    expect(parseIngestTarget(targetUrl(target), key)).toMatchObject(expected);
  });

  test.each(['https://host/app', 'rtmps://host/', 'host/app', ''])(
    '%s is rejected, and the message contains a valid example',
    (url) => {
      expect(() => parseIngestTarget(url, key)).toThrow('rtmps://host:443/app/');
    },
  );

  test.each(['', 'two words', 'key\nrtmp_app=other'])(
    'the key %j is rejected and not in the message',
    (text) => {
      expect(() => parseIngestTarget('rtmps://host/app/', new SecretText(text))).toThrow(
        /^The stream key is empty or contains white space/,
      );
    },
  );
});

describe('the published name', () => {
  test('is the key', () => {
    expect(publishingName(parseIngestTarget('rtmps://host/app/', key)).reveal()).toBe('sk_live');
  });

  test('has the priority if the platform supports it', () => {
    const takeover = { type: 'ivs-priority', priority: 1_795_000_000 } as const;
    const target = parseIngestTarget('rtmps://host/app/', key, { takeover });
    expect(publishingName(target).reveal()).toBe('sk_live?priority=1795000000');
  });
});
