import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { FailedAttempts } from '../../../../src/server/auth/failed-attempts.ts';

function failing(times: number, address: string | undefined) {
  const clock = new FakeClock();
  const attempts = new FailedAttempts(clock);
  for (let time = 0; time < times; time += 1) {
    attempts.admit(address);
    attempts.failed(address);
  }
  const isAdmitted = (from: string | undefined): boolean => {
    try {
      attempts.admit(from);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'too-many-requests', headers: { 'retry-after': '60' } });
      return false;
    }
  };
  return { clock, isAdmitted };
}

describe('invalid credentials', () => {
  test('30 times within a minute block their address, and no other', () => {
    const { isAdmitted } = failing(30, '192.0.2.1');
    expect(isAdmitted('192.0.2.1')).toBe(false);
    expect(isAdmitted('::ffff:192.0.2.1')).toBe(false);
    expect(isAdmitted('192.0.2.2')).toBe(true);
  });

  test('29 times have no effect', () => {
    expect(failing(29, '192.0.2.1').isAdmitted('192.0.2.1')).toBe(true);
  });

  test('may be tried again after the minute', async () => {
    const { clock, isAdmitted } = failing(30, '192.0.2.1');
    await clock.advance(60_000);
    expect(isAdmitted('192.0.2.1')).toBe(true);
  });

  test('of addresses in the same /64 are counted together', () => {
    const { isAdmitted } = failing(30, '2001:db8:0:1::1');
    expect(isAdmitted('2001:db8:0:1:ffff::2')).toBe(false);
    expect(isAdmitted('2001:db8:0:2::1')).toBe(true);
  });

  test('of requests without an address are counted together', () => {
    expect(failing(30, undefined).isAdmitted(undefined)).toBe(false);
  });
});
