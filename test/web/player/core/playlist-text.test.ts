import { expect, test } from '@jest/globals';
import { readPlaylist } from '../../../../src/web/player/core/playlist-text.ts';

const media = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na.m4s\n';

test.each([
  ['a media playlist', media, { kind: 'media', ended: false, segments: 1 }],
  ['one that has ended', `${media}#EXT-X-ENDLIST\n`, { kind: 'media', ended: true, segments: 1 }],
  [
    'one without segments',
    '#EXTM3U\n#EXT-X-TARGETDURATION:2\n',
    { kind: 'media', ended: false, segments: 0 },
  ],
  [
    'a multivariant playlist with Windows line ends',
    '#EXTM3U\r\n#EXT-X-STREAM-INF:BANDWIDTH=1\r\n\r\nlow/index.m3u8\r\n',
    { kind: 'multivariant', firstVariant: 'low/index.m3u8' },
  ],
  ['a multivariant playlist without a variant', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n', undefined],
  ['a page of a gateway', '<html></html>', undefined],
  ['nothing', '', undefined],
  ['a playlist without an end', media + '#EXTINF:2,\na.m4s\n'.repeat(40_000), undefined],
])('%s', (_what, text, read) => {
  expect(readPlaylist(text)).toEqual(read);
});
