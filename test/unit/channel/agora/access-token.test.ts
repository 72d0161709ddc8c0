import { deflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import agoraToken from 'agora-token';
import fc from 'fast-check';
import { parseAccessToken } from '../../../../src/channel/agora/access-token.ts';
import { verifyToken } from '../../../fixtures/agora/token.ts';

const { RtcRole, RtcTokenBuilder, RtmTokenBuilder, ChatTokenBuilder } = agoraToken;
const appId = '0123456789abcdef0123456789abcdef';
const appCertificate = 'fedcba9876543210fedcba9876543210';

const mint = (channel: string, uid: number, seconds: number, joinSeconds = seconds): string =>
  RtcTokenBuilder.buildTokenWithUid(
    appId,
    appCertificate,
    channel,
    uid,
    RtcRole.SUBSCRIBER,
    seconds,
    joinSeconds,
  );
const lifetime = (text: string): number => {
  const { issuedAt, expiresAt } = parseAccessToken(text) ?? {};
  return ((expiresAt?.getTime() ?? NaN) - (issuedAt?.getTime() ?? NaN)) / 1_000;
};

describe("a token of Agora's library", () => {
  test('is read: app, channel, user, and until when it permits to join', () => {
    const token = parseAccessToken(mint('live_42', 7, 600));
    expect(token).toMatchObject({ appId, channel: { name: 'live_42', user: '7' } });
    expect(Math.abs(Date.now() - (token?.issuedAt.getTime() ?? 0))).toBeLessThan(5_000);
    expect(lifetime(mint('live_42', 7, 600))).toBe(600);
  });

  test.each<[string, string, string]>([
    ['uid 0', mint('c', 0, 60), ''],
    ['the highest uid', mint('c', 4_294_967_295, 60), '4294967295'],
    [
      'a user account',
      RtcTokenBuilder.buildTokenWithUserAccount(
        appId,
        appCertificate,
        'c',
        'ann@shop',
        RtcRole.PUBLISHER,
        60,
        60,
      ),
      'ann@shop',
    ],
    [
      'Signaling, too',
      RtcTokenBuilder.buildTokenWithRtm(appId, appCertificate, 'c', '9', RtcRole.PUBLISHER, 60, 60),
      '9',
    ],
    [
      'separate ends of its privileges',
      RtcTokenBuilder.buildTokenWithUidAndPrivilege(appId, appCertificate, 'c', 9, 60, 30, 0, 0, 0),
      '9',
    ],
  ])('for %s is read', (_, token, user) => {
    expect(parseAccessToken(token)?.channel).toEqual({ name: 'c', user });
  });

  test.each<[string, number, number, number]>([
    ['the end of the privilege to join', 600, 60, 60],
    ['the end of the token, if it comes first', 60, 600, 60],
    ['the end of the token, if the privilege has no end', 600, 0, 600],
    ['a day, because Agora accepts no token for longer', 7 * 86_400, 0, 86_400],
  ])('ends at %s', (_, seconds, joinSeconds, expected) => {
    expect(lifetime(mint('c', 0, seconds, joinSeconds))).toBe(expected);
  });

  test.each([
    ['Signaling', RtmTokenBuilder.buildToken(appId, appCertificate, 'ann', 60)],
    ['Chat', ChatTokenBuilder.buildAppToken(appId, appCertificate, 60)],
  ])('for %s alone permits to join no channel', (_, token) => {
    expect(parseAccessToken(token)).toMatchObject({ appId, channel: undefined });
  });

  test('is read as the verifier of the local edge reads it', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-zA-Z0-9_]{1,64}$/),
        fc.nat(4_294_967_295),
        fc.integer({ min: 60, max: 86_400 }),
        (channel, uid, seconds) => {
          const token = mint(channel, uid, seconds);
          const verdict = verifyToken([{ appId, appCertificate }], { token, channel, uid, now: Date.now() });
          const parsed = parseAccessToken(token);
          expect(parsed?.channel).toEqual({ name: channel, user: uid === 0 ? '' : String(uid) });
          expect(verdict).toMatchObject({
            valid: true,
            expiresAt: (parsed?.expiresAt.getTime() ?? 0) / 1_000,
          });
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('anything else', () => {
  const pack = (bytes: Uint8Array): string => `007${deflateSync(bytes).toString('base64')}`;

  test('is no token, and never an exception', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `007${text}`),
          fc.base64String().map((text) => `007${text}`),
        ),
        (text) => {
          expect(parseAccessToken(text)).toBeUndefined();
        },
      ),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => parseAccessToken(pack(bytes))).not.toThrow();
      }),
    );
  });

  test('is no token: one that was cut or changed', () => {
    const token = mint('live_42', 7, 600);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.stringMatching(/^[A-Za-z0-9+/]?$/), (at, insert) => {
        expect(() => parseAccessToken(token.slice(0, at) + insert)).not.toThrow();
        expect(() => parseAccessToken(token.slice(0, at) + insert + token.slice(at + 1))).not.toThrow();
      }),
    );
    expect(parseAccessToken(token.slice(0, 60))).toBeUndefined();
  });

  test('is no token: one that unpacks to megabytes, or lists thousands of privileges', () => {
    expect(parseAccessToken(pack(new Uint8Array(3_000_000)))).toBeUndefined();
    expect(parseAccessToken(`007${'A'.repeat(5_000)}`)).toBeUndefined();
    const text = (value: string): Buffer =>
      Buffer.concat([Buffer.from([value.length, 0]), Buffer.from(value)]);
    const head = Buffer.concat([text('signature'), text(appId), Buffer.alloc(12)]);
    const services = Buffer.from([1, 0, 1, 0, 0xff, 0xff]);
    expect(parseAccessToken(pack(Buffer.concat([head, services, Buffer.alloc(6_000)])))).toBeUndefined();
  });
});
