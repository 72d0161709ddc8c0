import { expect, test } from '@jest/globals';
import agoraToken from 'agora-token';
import { checkPassedToken, type TokenUse } from '../../../../src/channel/agora/passed-token.ts';

const { RtcRole, RtcTokenBuilder, RtmTokenBuilder } = agoraToken;
const appId = '0123456789abcdef0123456789abcdef';
const otherApp = 'b'.repeat(32);
const appCertificate = 'fedcba9876543210fedcba9876543210';
const where = 'The Agora token in Secret shop/show-agora-token';
const use: TokenUse = { appId, channelName: 'live_42', hostUid: undefined, replicas: 1 };
const now = new Date();
const inSeconds = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);

const mint = ({ app = appId, channel = 'live_42', uid = 0, seconds = 3_600 } = {}): string =>
  RtcTokenBuilder.buildTokenWithUid(app, appCertificate, channel, uid, RtcRole.SUBSCRIBER, seconds, seconds);

test('a token for every uid leaves the uid to the relay; the relay takes the uid of any other', () => {
  expect(checkPassedToken(mint(), where, use, now)).toMatchObject({
    ok: true,
    value: { from: 'app', where },
  });
  const uidOf = (uid: number) => checkPassedToken(mint({ uid }), where, { ...use, hostUid: 9 }, now);
  expect(uidOf(0)).toMatchObject({ value: { uid: undefined } });
  expect(uidOf(7)).toMatchObject({ value: { uid: 7 } });
});

test.each<[string, number, number]>([
  ['five minutes before its end', 3_600, 3_300],
  ['at half of its lifetime, if that is shorter', 60, 30],
])('the warning begins %s', (_, seconds, expected) => {
  const token = checkPassedToken(mint({ seconds }), where, use, now);
  if (!token.ok) throw new Error(token.problem.message);
  expect((token.value.expiringAt.getTime() - now.getTime()) / 1_000).toBeCloseTo(expected, -1);
});

test.each<[string, string, Partial<TokenUse>, Date, string, RegExp]>([
  [
    'of the old version',
    `006${appId}IAB`,
    {},
    now,
    'AgoraTokenRejected',
    /AccessToken \(006\)\. Mint an AccessToken2/,
  ],
  ['that is none', 'secret-password', {}, now, 'AgoraTokenRejected', /is not an AccessToken2/],
  [
    'with white space inside',
    mint().replace('I', ' I'),
    {},
    now,
    'AgoraTokenRejected',
    /is not an AccessToken2/,
  ],
  [
    'for another app',
    mint({ app: otherApp }),
    {},
    now,
    'AgoraTokenRejected',
    /is for app ID b{32}, but appId is 0123/,
  ],
  [
    'for another channel',
    mint({ channel: 'live_43' }),
    {},
    now,
    'AgoraTokenRejected',
    /is for channel "live_43", but the relay joins channel "live_42"/,
  ],
  [
    'for a channel with a strange name',
    mint({ channel: 'a"\n\u202e' }),
    {},
    now,
    'AgoraTokenRejected',
    /^[^\n\u202e]*is for another channel, but[^\n\u202e]*$/,
  ],
  [
    'for Signaling alone',
    RtmTokenBuilder.buildToken(appId, appCertificate, 'ann', 60),
    {},
    now,
    'AgoraTokenRejected',
    /does not permit to join a channel/,
  ],
  [
    'for a user account',
    RtcTokenBuilder.buildTokenWithUserAccount(
      appId,
      appCertificate,
      'live_42',
      'ann',
      RtcRole.SUBSCRIBER,
      60,
      60,
    ),
    {},
    now,
    'AgoraTokenRejected',
    /is for a user account/,
  ],
  [
    'for the uid of the host',
    mint({ uid: 9 }),
    { hostUid: 9 },
    now,
    'AgoraTokenRejected',
    /is for uid 9, which is the host's/,
  ],
  [
    'for one uid, where there are two relays',
    mint({ uid: 9 }),
    { replicas: 2 },
    now,
    'AgoraTokenRejected',
    /uid 9 alone, but relay and standby/,
  ],
  [
    'that has expired',
    mint({ seconds: 60 }),
    {},
    inSeconds(61),
    'AgoraTokenExpired',
    /expired at 20.*Pass a new one/,
  ],
])(
  'a token %s is refused, with what to do and without the token',
  (_, token, change, time, reason, message) => {
    const checked = checkPassedToken(token, where, { ...use, ...change }, time);
    if (checked.ok) throw new Error('accepted');
    expect(checked.problem.reason).toBe(reason);
    expect(checked.problem.message).toMatch(message);
    expect(checked.problem.message.startsWith(where)).toBe(true);
    expect(checked.problem.message).not.toContain(token);
  },
);

test('the end of a token is not yet its expiry one second earlier', () => {
  const token = mint({ seconds: 60 });
  expect(checkPassedToken(token, where, use, inSeconds(58)).ok).toBe(true);
});
