import { expect, test } from '@jest/globals';
import { describeError, roomFault } from '../../../../src/relay/page/room-fault.ts';

test.each([
  [
    'AgoraRTCError CAN_NOT_GET_GATEWAY_SERVER: flag: 4096, invalid token, authorized failed',
    'token-rejected',
    /rejected the token/,
  ],
  [
    'AgoraRTCError CAN_NOT_GET_GATEWAY_SERVER: dynamic key or token timeout',
    'token-rejected',
    /token has expired/,
  ],
  ['AgoraRTCError CAN_NOT_GET_GATEWAY_SERVER: dynamic key expired', 'token-rejected', /token has expired/],
  [
    'AgoraRTCError CAN_NOT_GET_GATEWAY_SERVER: invalid vendor key, can not find appid',
    'token-rejected',
    /app ID/,
  ],
  [
    'AgoraRTCError CAN_NOT_GET_GATEWAY_SERVER: flag: 4096, message: dynamic use static key',
    'token-rejected',
    /requires tokens.*Add appCertificate.*or pass a token/,
  ],
  ['ERR_DYNAMIC_USE_STATIC_KE', 'token-rejected', /requires tokens/],
  [
    'AgoraRTCError CAN_NOT_GET_GATEWAY_SERVER: flag: 4096, message: static use dynamic key',
    'token-rejected',
    /accepts no tokens.*leave appId alone/,
  ],
  ['ERR_STATIC_USE_DYANMIC_KE', 'token-rejected', /accepts no tokens/],
  ['TOKEN_EXPIRE', 'token-rejected', /token has expired/],
  ['INVALID_TOKEN', 'token-rejected', /rejected the token/],
  ['UID_BANNED', 'banned', /banned the relay/],
  ['CHANNEL_BANNED', 'banned', /banned the relay/],
  ['UID_CONFLICT', 'banned', /relay's uid/],
  ['NETWORK_ERROR', 'retry', /is retried/],
  ['AgoraRTCError CAN_NOT_GET_GATEWAY_SERVER: flag: 4096', 'retry', /is retried/],
  ['No response from Agora within 15 s.', 'retry', /is retried/],
])('%s', (text, cause, message) => {
  const fault = roomFault(text);
  expect(fault).toMatchObject({ cause, message: expect.stringMatching(message) });
  expect(fault.detail).toBe(text);
  expect(fault.message).not.toContain(text);
});

test('no message contains the text of the SDK, because it becomes the message of a condition', () => {
  for (const text of ['AgoraRTCError CAN_NOT_GET_GATEWAY_SERVER: flag: 4096, dynamic key', 'UID_BANNED', 'x'])
    expect(roomFault(text).message).not.toMatch(/AgoraRTCError|[A-Z]{2,}_[A-Z]|flag/);
});

test("the server's message in an SDK error is kept for the log", () => {
  const error = Object.assign(new Error('AgoraRTCError CAN_NOT_GET_GATEWAY_SERVER'), {
    data: { desc: ['dynamic key expired'] },
  });
  expect(describeError(error)).toContain('dynamic key expired');
});
