import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RelayState } from '../../../src/api/relay-contract.ts';
import { ReadinessProbe } from '../../../src/relay/readiness-probe.ts';

const never = new AbortController().signal;
let state: RelayState;
let probe: ReadinessProbe;
beforeEach(() => {
  state = 'waiting';
  probe = new ReadinessProbe(() => state);
});
/** The answer if there is one within some checks of the state; otherwise `held`. */
async function answer(): Promise<boolean | undefined | 'held'> {
  const closed = new AbortController();
  const [held, answered] = [Symbol('held'), probe.answer(closed.signal)];
  const first = await Promise.race([
    answered,
    new Promise<typeof held>((resolve) => setTimeout(() => resolve(held), 350)),
  ]);
  closed.abort();
  if (first !== held) return first as boolean | undefined;
  expect(await answered).toBeUndefined();
  return 'held';
}

describe('a relay that has not been live', () => {
  test.each<RelayState>(['starting', 'joining', 'waiting', 'connecting', 'stalled', 'failed', 'stopping'])(
    'holds the probe while it is %s',
    async (current) => {
      state = current;
      expect(await answer()).toBe('held');
    },
  );

  test('answers a held probe when it becomes live', async () => {
    const answered = probe.answer(never);
    state = 'live';
    expect(await answered).toBe(true);
  });
});

describe('a relay that has been live', () => {
  beforeEach(async () => {
    state = 'live';
    expect(await answer()).toBe(true);
  });

  test('answers each probe at once while it is live', async () => {
    expect(await answer()).toBe(true);
    expect(await answer()).toBe(true);
  });

  test.each<RelayState>(['waiting', 'connecting', 'stalled', 'failed'])(
    'fails one probe when it becomes %s, then holds them until it is live again',
    async (current) => {
      state = current;
      expect(await answer()).toBe(false);
      expect(await answer()).toBe('held');
      state = 'live';
      expect(await answer()).toBe(true);
    },
  );

  test('holds the probe while it shuts down', async () => {
    state = 'stopping';
    expect(await answer()).toBe('held');
  });
});
