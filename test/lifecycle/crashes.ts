import { setTimeout as delay } from 'node:timers/promises';
import type { Moment } from './journal.ts';
import type { OperatorUnderTest } from './operator-under-test.ts';
import type { SeededRandom } from '../support/numbers/seeded-random.ts';
import type { StandIn } from './stand-in.ts';

/** Longer than this, no call is waited for. */
const patienceMs = 5_000;

/**
 * Kills the operator and starts it again, until `signal` aborts: in the moment of a call to a platform, before its
 * effect or after it and before the answer, which is where streams get lost; or at any time.
 */
export async function crashNowAndThen(
  operator: OperatorUnderTest,
  standIns: readonly StandIn[],
  random: SeededRandom,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  // Of the wall clock, as starting takes its time.
  const sleep = (ms: number): Promise<void> => delay(ms, undefined, { signal }).catch(() => undefined);
  for (;;) {
    await sleep(random.chance(0.25) ? random.between(500, 3_000) : random.between(3_000, 9_000));
    if (signal.aborted) return;
    const group = random.pick(['create', 'create', 'delete', 'key', 'any'] as const);
    const moment = random.pick<Moment>(['asked', 'done']);
    if (group !== 'any') await nextCall(standIns, moment, group, signal);
    if (isAborted(signal)) return;
    log(`operator killed${group === 'any' ? '' : `: ${group} ${moment}`}`);
    await operator.crash();
    if (random.chance(0.3)) await sleep(random.between(0, 2_000));
    operator.start();
    log('operator started');
  }
}

function nextCall(
  standIns: readonly StandIn[],
  moment: Moment,
  group: 'create' | 'delete' | 'key',
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(patience);
      signal.removeEventListener('abort', over);
      for (const cancel of wishes) cancel();
      resolve();
    };
    const patience = setTimeout(over, patienceMs);
    signal.addEventListener('abort', over);
    const wishes = standIns.map(({ journal, calls }) => journal.atNext(moment, calls[group], over));
  });
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted;
