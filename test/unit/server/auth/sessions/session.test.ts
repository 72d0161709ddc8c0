import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  newSession,
  renewed,
  sessionClaims,
  type SessionHolder,
} from '../../../../../src/server/auth/sessions/session.ts';

const HOUR = 3_600_000;
const start = new Date('2026-11-30T08:00:00Z');
const key: SessionHolder = { kind: 'api-key', id: '3fK9sLq0XbTz' };
const user: SessionHolder = { kind: 'oidc', subject: 'oidc:https://id.example#ann', scope: 'admin' };
const hoursAfterStart = (date: Date): number => (date.getTime() - start.getTime()) / HOUR;

test('however often a session is renewed, it ends a day after the login, and that of an OIDC user after eight hours', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 8 * HOUR })),
      fc.constantFrom(key, user),
      (pauses, holder) => {
        let session = newSession(holder, start);
        let now = start.getTime();
        for (const pause of pauses) {
          now += pause;
          if (now >= session.expiresAt.getTime()) break;
          session = renewed(session, new Date(now));
          expect(session.expiresAt.getTime()).toBeGreaterThan(now);
          expect(session.expiresAt.getTime()).toBeLessThanOrEqual(now + 8 * HOUR);
        }
        expect(hoursAfterStart(session.expiresAt)).toBeLessThanOrEqual(holder.kind === 'oidc' ? 8 : 24);
      },
    ),
  );
});

test('a cookie is read back as it was written, and anything else is refused', () => {
  for (const holder of [key, user]) {
    const claims: unknown = JSON.parse(JSON.stringify({ holder, startedAt: start }));
    expect(sessionClaims.parse(claims)).toEqual({ holder, startedAt: start });
  }
  for (const holder of [
    { ...user, scope: 'playback' },
    { ...user, subject: '' },
    { kind: 'api-key', id: "x' or 1" },
    {},
  ])
    expect(sessionClaims.safeParse({ holder, startedAt: start.toISOString() }).success).toBe(false);
});
