import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decide } from '../../../../src/web/player/core/decide.ts';
import type { EngineEvent } from '../../../../src/web/player/core/engine.ts';
import { playerState, type StateFacts } from '../../../../src/web/player/core/player-state.ts';
import { isSameView } from '../../../../src/web/player/core/same-view.ts';
import { playerStates } from '../../../../src/web/player/core/snapshot.ts';
import {
  hasStarted,
  initialSupervision,
  type Action,
  type ProbeResult,
  type Supervision,
} from '../../../../src/web/player/core/supervision.ts';
import { calmFacts, offAir, onAir, over, plainChannel } from '../facts.ts';

/** States that need no attempt: they end by what the viewer, the channel or the browser does. */
const waiting = new Set([
  'tap-to-play',
  'playing',
  'paused',
  'ended',
  'not-allowed',
  'use-agora',
  'unsupported',
]);
/** Without an attempt that is planned, a player that is well again, or reads its playlist, takes less than this. */
const PATIENCE_MS = 45_000;

/** A player whose engine obeys: what was loaded is open, and an action that replaces the engine opens it. */
class Simulation {
  facts: StateFacts = calmFacts;
  memory: Supervision = initialSupervision;
  /** Since when the player neither waits for others nor has planned anything. */
  idleSince: number | undefined;
  actions: Action[] = [];

  step(afterMs: number, changes: Partial<StateFacts>): void {
    const now = this.facts.now + afterMs;
    const epochMs = calmFacts.epochMs + now;
    this.facts = { ...this.facts, events: [], probe: undefined, hurry: false, ...changes, now, epochMs };
    for (let count = 0; count < 4; count++) {
      const { supervision, actions } = decide(this.memory, this.facts, () => 0.5);
      const settled = isSameView(supervision, this.memory);
      this.memory = supervision;
      this.actions.push(...actions);
      this.facts = { ...this.facts, events: [], probe: undefined, hurry: false };
      if (actions.some(({ type }) => type === 'open-engine'))
        this.facts = { ...this.facts, engine: 'opening' };
      if (settled) break;
    }
    const { state, retryAt } = playerState(this.facts, this.memory);
    expect(playerStates).toContain(state);
    const plans = retryAt !== undefined || waiting.has(state) || this.isOthersTurn();
    this.idleSince = plans ? undefined : (this.idleSince ?? now);
  }

  /** The service reports what comes next; or an engine is being opened, which has a time limit. */
  isOthersTurn(): boolean {
    const { service, onAir: isOnAir, url } = this.facts.channel;
    return this.facts.engine === 'opening' || url === undefined || (service === 'ok' && !isOnAir);
  }
}

function idleMs({ idleSince, facts }: Simulation): number {
  return facts.now - (idleSince ?? facts.now);
}

const segment = fc.integer({ min: 0, max: 300 });
const event: fc.Arbitrary<EngineEvent> = fc.oneof(
  fc.record({
    type: fc.constant('playlist' as const),
    level: fc.integer({ min: 0, max: 1 }),
    firstSegment: segment,
    lastSegment: segment,
    targetSeconds: fc.constantFrom(1, 2, 6),
    ended: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('network-error' as const),
    what: fc.constantFrom('manifest' as const, 'playlist' as const, 'segment' as const),
    status: fc.constantFrom(undefined, 200, 204, 403, 404, 410, 503),
    fatal: fc.boolean(),
  }),
  fc.record({ type: fc.constant('media-error' as const), fatal: fc.boolean() }),
  fc.constant<EngineEvent>({ type: 'broken', message: 'internal' }),
);
const probe = fc.constantFrom<ProbeResult | undefined>(
  ...([undefined, 'live', 'ended', 'missing', 'refused', 'failing', 'unreachable'] as const),
);
const channel = fc.constantFrom(
  plainChannel,
  onAir,
  offAir,
  over,
  { ...onAir, stream: 'b', url: 'https://other.example/b.m3u8' },
  { ...onAir, url: 'https://cdn.example/a.m3u8?token=2' },
  { ...onAir, service: 'away' as const },
  { ...offAir, service: 'unknown' as const, url: undefined, stream: undefined },
  { ...onAir, refused: 'not-allowed' as const },
  { ...onAir, refused: 'ticket-expired' as const },
);
const moment = fc.record({
  afterMs: fc.integer({ min: 1, max: 20_000 }),
  moves: fc.boolean(),
  events: fc.array(event, { maxLength: 3 }),
  probe,
  channel,
  online: fc.boolean(),
  hurry: fc.boolean(),
  engine: fc.constantFrom('opening' as const, 'open' as const, 'open' as const, 'failed' as const),
  hidden: fc.boolean(),
  paused: fc.boolean(),
  mediaEnded: fc.boolean(),
});
type Moment = typeof moment extends fc.Arbitrary<infer T> ? T : never;

function live(simulation: Simulation, { afterMs, moves, hidden, paused, ...rest }: Moment): void {
  const { facts } = simulation;
  const now = facts.now + afterMs;
  simulation.step(afterMs, {
    ...rest,
    movedAt: moves ? now : facts.movedAt,
    hasPicture: facts.hasPicture || moves,
    hiddenSince: hidden ? (facts.hiddenSince ?? now) : undefined,
    pausedSince: paused ? (facts.pausedSince ?? now) : undefined,
    pausedByViewer: paused,
  });
}

test('whatever happens, a player whose stream is well again is playing within a minute', () => {
  fc.assert(
    fc.property(fc.array(moment, { maxLength: 30 }), (moments) => {
      const simulation = new Simulation();
      for (const each of moments) live(simulation, each);
      const began = simulation.facts.now;
      let last = 1_000;
      while (simulation.facts.now - began < 60_000) {
        const { facts, memory } = simulation;
        const now = facts.now + 500;
        const loaded = memory.loaded !== undefined && memory.suspendedAt === undefined;
        // Media arrives half a second after a load, and goes on while nothing is wrong.
        const moves = loaded && facts.engine === 'open' && now - memory.loaded.at >= 500;
        const events: EngineEvent[] =
          moves && now % 2_000 < 500
            ? [
                {
                  type: 'playlist',
                  level: 0,
                  firstSegment: last - 7,
                  lastSegment: last++,
                  targetSeconds: 2,
                  ended: false,
                },
              ]
            : [];
        simulation.step(500, {
          channel: onAir,
          online: true,
          engine: 'open',
          hiddenSince: undefined,
          pausedSince: undefined,
          mediaEnded: false,
          events,
          probe: memory.probingSince === undefined ? undefined : 'live',
          movedAt: moves ? now : facts.movedAt,
          hasPicture: facts.hasPicture || moves,
        });
      }
      const { facts, memory } = simulation;
      expect(playerState(facts, memory).state).toBe('playing');
      expect(hasStarted(memory, facts.movedAt)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('whatever happens, a player that does not play has words, and a next attempt within a bound', () => {
  fc.assert(
    fc.property(fc.array(moment, { maxLength: 20 }), channel, probe, (moments, lasting, answer) => {
      const simulation = new Simulation();
      for (const each of moments) live(simulation, each);
      simulation.idleSince = undefined;
      // From here on nothing arrives: no media, no playlist, no error.
      for (let count = 0; count < 240; count++) {
        simulation.step(500, {
          channel: lasting,
          online: true,
          engine: 'open',
          hiddenSince: undefined,
          pausedSince: undefined,
          pausedByViewer: false,
          mediaEnded: false,
          probe: simulation.memory.probingSince === undefined ? undefined : answer,
        });
        expect(idleMs(simulation)).toBeLessThan(PATIENCE_MS);
      }
    }),
    { numRuns: 100 },
  );
});

test('whatever happens, the player loads and probes at the pace of its backoff', () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 4 }), probe, (events, answer) => {
      const simulation = new Simulation();
      // The same faults arrive at each moment, for two minutes.
      for (let count = 0; count < 240; count++)
        simulation.step(500, {
          channel: onAir,
          engine: 'open',
          events,
          probe: simulation.memory.probingSince === undefined ? undefined : answer,
        });
      const requests = simulation.actions.filter(({ type }) => type === 'load' || type === 'probe');
      expect(requests.length).toBeLessThanOrEqual(70);
    }),
    { numRuns: 100 },
  );
});
