import { expect, test } from '@jest/globals';
import { chooseHost, type Publisher } from '../../../../src/relay/page/choose-host.ts';

const seller: Publisher = { uid: 1, video: true, audio: true };
const guest: Publisher = { uid: 2, video: true, audio: true };
const voice: Publisher = { uid: 3, video: false, audio: true };

test.each<[string, Publisher[], number | undefined, number | undefined, number | undefined]>([
  ['there is no host', [], undefined, undefined, undefined],
  ['the first host with video is selected', [voice, seller, guest], undefined, undefined, 1],
  ['a host without video is not selected first', [voice], undefined, undefined, undefined],
  ['the selected host is kept, even if another joined first', [guest, seller], 1, undefined, 1],
  [
    'the selected host is kept when its camera is turned off',
    [guest, { ...seller, video: false }],
    1,
    undefined,
    1,
  ],
  ['the next host is selected when it leaves', [guest], 1, undefined, 2],
  ['the configured host is selected, and no other', [guest, seller], 2, 1, 1],
  ['the configured host is waited for', [guest], undefined, 1, undefined],
  ['the configured host is selected without video, too', [guest, voice], undefined, 3, 3],
])('%s', (_, publishers, followed, configured, expected) => {
  expect(chooseHost(publishers, followed, configured)?.uid).toBe(expected);
});
