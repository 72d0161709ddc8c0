import { expect, test } from '@jest/globals';
import { chooseHost, type Publisher } from '../../../../src/relay/page/choose-host.ts';

const seller: Publisher = { uid: 1, video: true, audio: true };
const guest: Publisher = { uid: 2, video: true, audio: true };
const voice: Publisher = { uid: 3, video: false, audio: true };

test.each<[string, Publisher[], number | undefined, number | undefined, number | undefined]>([
  ['nobody is there', [], undefined, undefined, undefined],
  ['the first with video is followed', [voice, seller, guest], undefined, undefined, 1],
  ['somebody without video is not begun with', [voice], undefined, undefined, undefined],
  ['who is followed stays, though another came first', [guest, seller], 1, undefined, 1],
  [
    'who is followed stays when only the camera goes off',
    [guest, { ...seller, video: false }],
    1,
    undefined,
    1,
  ],
  ['when it leaves, the next is followed', [guest], 1, undefined, 2],
  ['the asked for host and nobody else', [guest, seller], 2, 1, 1],
  ['the asked for host is waited for', [guest], undefined, 1, undefined],
  ['the asked for host is followed without video too', [guest, voice], undefined, 3, 3],
])('%s', (_, publishers, followed, asked, expected) => {
  expect(chooseHost(publishers, followed, asked)?.uid).toBe(expected);
});
