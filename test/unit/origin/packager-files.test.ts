import { expect, test } from '@jest/globals';
import { packagerArguments, segmentsAfter } from '../../../src/origin/packager-files.ts';

const list = `#EXTM3U
#EXT-X-TARGETDURATION:2
#EXT-X-MAP:URI="init.mp4"
#EXTINF:2.000000,
0.m4s
#EXTINF:1.960000,
1.m4s
`;

test('returns new segments, with their lengths', () => {
  expect(segmentsAfter(list, undefined)).toEqual([
    { file: '0.m4s', seconds: 2 },
    { file: '1.m4s', seconds: 1.96 },
  ]);
  expect(segmentsAfter(list, '0.m4s')).toEqual([{ file: '1.m4s', seconds: 1.96 }]);
  expect(segmentsAfter(list, '1.m4s')).toEqual([]);
  expect(segmentsAfter('', undefined)).toEqual([]);
});

test('a keyframe that arrives slightly early still ends its segment', () => {
  const args = packagerArguments({ inputUrl: 'rtmp://x', directory: '/d', segmentSeconds: 2 });
  expect(args[args.indexOf('-hls_time') + 1]).toBe('1.9');
  expect(args).toEqual(expect.arrayContaining(['-c', 'copy']));
});
