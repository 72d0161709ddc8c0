import { expect, test } from '@jest/globals';
import { describeError, roomFault } from '../../../../src/relay/page/room-fault.ts';

test.each([
  ['AgoraRTCError CAN_NOT_GET_GATEWAY_SERVER: invalid token, authorized failed', 'token-rejected'],
  ['AgoraRTCError CAN_NOT_GET_GATEWAY_SERVER: dynamic key or token timeout', 'token-rejected'],
  ['AgoraRTCError CAN_NOT_GET_GATEWAY_SERVER: invalid vendor key, can not find appid', 'token-rejected'],
  ['TOKEN_EXPIRE', 'token-rejected'],
  ['UID_BANNED', 'banned'],
  ['CHANNEL_BANNED', 'banned'],
  ['UID_CONFLICT', 'banned'],
  ['NETWORK_ERROR', 'retry'],
  ['No answer from Agora within 15 s.', 'retry'],
])('%s', (text, cause) => {
  expect(roomFault(text)).toEqual({ cause, message: text });
});

test("what the server said is kept of the SDK's error", () => {
  const error = Object.assign(new Error('AgoraRTCError CAN_NOT_GET_GATEWAY_SERVER'), {
    data: { desc: ['dynamic key expired'] },
  });
  expect(describeError(error)).toContain('dynamic key expired');
});
