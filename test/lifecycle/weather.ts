import type { Clock } from '../../src/base/clock.ts';
import type { SeededRandom } from '../support/numbers/seeded-random.ts';
import type { CallGroup, Fault, LifecycleProvider, StandIn } from './stand-in.ts';

/** How far lists may be behind: less than what the drivers reckon with (capabilities.settleSeconds). */
const mostStaleMs: Readonly<Record<LifecycleProvider, number>> = {
  ivs: 25_000,
  cloudflare: 4_000,
  mux: 25_000,
  origin: 0,
};
const groups = ['any', 'create', 'list', 'delete', 'key'] as const satisfies CallGroup[];

/** Faults that come and go, several at a time, until `signal` aborts; then there are none. */
export async function makeWeather(
  standIns: readonly StandIn[],
  clock: Clock,
  random: SeededRandom,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const ends = new Set(standIns.flatMap(alwaysBehind));
  while (!signal.aborted) {
    await clock.sleep(
      random.chance(0.6) ? random.between(2_000, 15_000) : random.between(15_000, 60_000),
      signal,
    );
    const [home = random.pick(standIns), ...others] = standIns;
    const struck = others.length > 0 && random.chance(0.35) ? random.pick(others) : home;
    const { fault, forMs } = faultOf(struck.provider, random);
    const end = struck.strike(fault);
    log(`${struck.provider}: ${JSON.stringify(fault)} for ${(forMs / 1_000).toFixed(0)} s`);
    ends.add(end);
    clock.schedule(forMs, () => {
      ends.delete(end);
      end();
    });
  }
  for (const end of ends) end();
}

/** Lists are behind now and then, also in good weather: that is what the drivers' settleSeconds is about. */
function alwaysBehind(standIn: StandIn): (() => void)[] {
  const most = mostStaleMs[standIn.provider];
  const rule = { kind: 'stale-list', calls: 'any', times: undefined } as const;
  return [
    standIn.strike({ ...rule, probability: 0.25, ms: most }),
    standIn.strike({ ...rule, probability: 0.25, ms: most / 4 }),
  ];
}

function faultOf(provider: LifecycleProvider, random: SeededRandom): { fault: Fault; forMs: number } {
  const calls = random.pick(groups);
  const some = { calls, times: undefined, probability: random.between(0.2, 1), ms: undefined };
  const few = { ...some, times: random.whole(1, 3), probability: 1 };
  const fault = random.weighted<Fault>([
    [3, { ...some, kind: 'throttled' }],
    [3, { ...some, kind: 'server-error' }],
    // All of it, for a while: an outage.
    [2, { ...some, kind: 'unavailable', calls: 'any', probability: 1 }],
    [2, { ...some, kind: 'revoked', calls: 'any', probability: 1 }],
    [1, { ...some, kind: 'no-permission', calls: 'create', probability: 1 }],
    [2, { ...some, kind: 'quota-full', calls: 'create', probability: 1 }],
    [1, { ...few, kind: 'hang-before' }],
    [1, { ...few, kind: 'hang-after' }],
    [3, { ...few, kind: 'lost-answer' }],
    [4, { ...few, kind: 'lost-answer', calls: 'create' }],
    [2, { ...few, kind: 'hang-after', calls: 'create', times: 1 }],
    [3, { ...some, kind: 'slow', ms: random.between(500, 8_000) }],
    [4, { ...some, kind: 'stale-list', calls: 'any', ms: random.between(0, mostStaleMs[provider]) }],
  ]);
  return { fault, forMs: fault.times === undefined ? random.between(5_000, 45_000) : 120_000 };
}
