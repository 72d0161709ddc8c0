import { expect, test } from '@jest/globals';
import { deviceOf } from '../../../../src/server/rest/user-agent.ts';

const webkit = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const blink = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const iPhone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X)';

test.each([
  [`Mozilla/5.0 (X11; Linux x86_64) ${blink} Chrome/156.0.0.0 Safari/537.36`, 'chrome 156 linux'],
  [`Mozilla/5.0 (X11; Linux x86_64) ${blink} HeadlessChrome/156.0.0.0 Safari/537.36`, 'chrome 156 linux'],
  [
    `Mozilla/5.0 (Linux; Android 10; K) ${blink} Chrome/156.0.0.0 Mobile Safari/537.36`,
    'chrome 156 android mobile',
  ],
  [
    `Mozilla/5.0 (Linux; Android 14; K) ${blink} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`,
    'samsung 29 android mobile',
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${blink} Chrome/156.0.0.0 Safari/537.36 Edg/156.0`,
    'edge 156 windows',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'firefox 140 linux'],
  [
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Version/26.1 Safari/605.1.15`,
    'safari 26 macos',
  ],
  [`${iPhone} ${webkit} Version/26.1 Mobile/15E148 Safari/604.1`, 'safari 26 ios mobile'],
  [`${iPhone} ${webkit} CriOS/156.0 Mobile/15E148 Safari/604.1`, 'chrome 156 ios mobile'],
  [undefined, 'other 0 other'],
  ['curl/8.0 Chrome/99999999', 'chrome 9999 other'],
  [`${'x'.repeat(600)} Chrome/156`, 'other 0 other'],
])('%s', (userAgent, expected) => {
  const { browser, major, os, mobile } = deviceOf(userAgent);
  expect(`${browser} ${major} ${os}${mobile ? ' mobile' : ''}`).toBe(expected);
});
