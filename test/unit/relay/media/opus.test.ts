import { expect, test } from '@jest/globals';
import { OPUS_SILENCE, OPUS_SILENCE_MS, opusDurationMs } from '../../../../src/relay/media/opus.ts';

// RFC 6716, table 2: the configuration is in the upper five bits, the number of frames in the lower two.
test.each([
  ['SILK 10 ms', [0 << 3], 10],
  ['SILK 60 ms', [3 << 3], 60],
  ['SILK wideband 20 ms', [9 << 3], 20],
  ['hybrid 10 ms', [12 << 3], 10],
  ['hybrid 20 ms', [15 << 3], 20],
  ['CELT 2.5 ms', [16 << 3], 2.5],
  ['CELT 20 ms', [31 << 3], 20],
  ['two frames of CELT 20 ms', [(31 << 3) | 1], 40],
  ['three frames, counted in the second byte', [(31 << 3) | 3, 3], 60],
  ['nothing', [], 0],
])('the duration of %s', (_, bytes, milliseconds) => {
  expect(opusDurationMs(Uint8Array.from(bytes))).toBe(milliseconds);
});

test('the silent packet has the declared duration', () => {
  expect(opusDurationMs(OPUS_SILENCE)).toBe(OPUS_SILENCE_MS);
});
