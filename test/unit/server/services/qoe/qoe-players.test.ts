import { expect, test } from '@jest/globals';
import { isSampled } from '../../../../../src/api/qoe-sampling.ts';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import type { QoeReport } from '../../../../../src/server/contract/qoe.ts';
import { QoePlayers } from '../../../../../src/server/services/qoe/qoe-players.ts';
import { aQoeReport } from '../../../../support/server/qoe-reports.ts';

function underTest() {
  const clock = new FakeClock();
  const players = new QoePlayers(clock);
  const receive = (player: number, difference: Partial<QoeReport> = {}) =>
    players.receive('show', aQoeReport(player, difference));
  return { clock, players, receive };
}

test('players are counted while they report: connected, and watching if they play on a visible page', async () => {
  const { clock, players, receive } = underTest();
  receive(1);
  receive(2, { visible: false });
  receive(3, { state: 'buffering' });
  expect(players.countsOf('show')).toEqual({ connected: 3, watching: 1 });
  await clock.advance(30_000);
  receive(1, { seq: 1 });
  await clock.advance(30_000);
  receive(1, { seq: 2 });
  expect(players.countsOf('show')).toEqual({ connected: 1, watching: 1 });
  expect([...players.all()]).toEqual([{ channelId: 'show', connected: 1, watching: 1 }]);
  await clock.advance(90_000);
  expect([...players.all()]).toEqual([]);
});

test('a report that arrives twice, or after a later one, counts once', () => {
  const { players, receive } = underTest();
  expect(receive(1, { seq: 5 })).toBeDefined();
  expect([receive(1, { seq: 5 }), receive(1, { seq: 4 })]).toEqual([undefined, undefined]);
  expect(players.countsOf('show').connected).toBe(0.5);
});

test('a player that floods is refused, repetitions included, and only that one until the next minute', async () => {
  const { clock, receive } = underTest();
  const flood = (seqs: () => number): void => {
    for (let times = 0; times < 100; times++) receive(1, { seq: seqs() });
  };
  let next = 0;
  expect(() => flood(() => next++)).toThrow('20 reports a minute');
  expect(() => flood(() => 0)).toThrow('20 reports a minute');
  expect(receive(2)).toBeDefined();
  await clock.advance(60_000);
  expect(receive(1, { seq: 200 })).toBeDefined();
});

test('a player starts once, and is carried into each minute once', async () => {
  const { clock, receive } = underTest();
  const places: (string | undefined)[] = [];
  for (let seq = 0; seq < 7; seq++) {
    await clock.advance(25_000);
    places.push(receive(1, { seq, dur: 25 })?.place);
  }
  // At 25, 50, 75, 100, 125, 150 and 175 s.
  expect(places).toEqual(['start', 'later', 'carried', 'later', 'carried', 'later', 'later']);
});

/** A source of numbers from 0 to 1 that is the same in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

test('counts of replicas add up, whichever of them receives the next report', async () => {
  const clock = new FakeClock();
  const replicas = [new QoePlayers(clock), new QoePlayers(clock)] as const;
  const random = numbers(1);
  for (let second = 0; second < 150; second++) {
    for (let player = 0; player < 120; player++) {
      const since = second - (player % 30);
      if (since < 30 || since % 30 !== 0) continue;
      const replica = replicas[random() < 0.5 ? 0 : 1];
      replica.receive('show', aQoeReport(player, { seq: since / 30 - 1, dur: 30 }));
    }
    await clock.advance(1_000);
  }
  const sum = replicas.reduce((all, replica) => all + replica.countsOf('show').connected, 0);
  expect(sum).toBeGreaterThan(115);
  expect(sum).toBeLessThan(125);
});

test('of many players a sample reports, and its numbers are those of all', async () => {
  const { clock, players } = underTest();
  const random = numbers(2);
  const crowd = Array.from({ length: 3_000 }, () => ({
    sid: Array.from({ length: 16 }, () => Math.floor(random() * 16).toString(16)).join(''),
    ...{ rate: 1, seq: 0, begins: Math.floor(random() * 60) },
  }));
  let received = 0;
  let playing = 0;
  for (let second = 0; second < 300; second++) {
    for (const player of crowd) {
      const age = second - player.begins;
      if (age < 10 || age % 10 !== 0 || !isSampled(player.sid, player.rate)) continue;
      const { sid, rate, seq } = player;
      const standing = players.receive('show', { ...aQoeReport(), sid, rate, seq, dur: 10, playing: 10 });
      player.seq += 1;
      player.rate = Math.min(rate, players.sampleRate('show', 0));
      if (second < 240) continue;
      received += 1;
      playing += 10 * (standing?.weight ?? 0);
    }
    await clock.advance(1_000);
  }
  expect(received / 6).toBeLessThan(300);
  expect(players.countsOf('show').connected).toBeGreaterThan(2_400);
  expect(players.countsOf('show').connected).toBeLessThan(3_600);
  expect(playing / 60).toBeGreaterThan(2_400);
  expect(playing / 60).toBeLessThan(3_600);
});

test('all players report where there are few, and players of other replicas are counted with them', () => {
  const { players, receive } = underTest();
  for (let player = 0; player < 100; player++) receive(player);
  expect(players.sampleRate('show', 0)).toBe(1);
  expect(players.sampleRate('show', 300)).toBe(0.5);
  expect(players.sampleRate('other', 0)).toBe(1);
});

test('a player cannot count for more than the service has allowed', async () => {
  const { clock, receive } = underTest();
  await clock.advance(300_000);
  expect(receive(1, { sid: '0'.repeat(16), rate: 0.001 })?.weight).toBe(2);
  // A process that has just started cannot know, and believes it.
  const restarted = new QoePlayers(clock);
  expect(restarted.receive('show', aQoeReport(1, { sid: '0'.repeat(16), rate: 0.5 }))?.weight).toBe(2);
  expect(restarted.receive('show', aQoeReport(1, { sid: 'f'.repeat(16), rate: 0.5 }))?.weight).toBe(0);
});

test('a channel that is gone leaves nothing', () => {
  const { players, receive } = underTest();
  receive(1);
  players.forget('show');
  expect(players.countsOf('show')).toEqual({ connected: 0, watching: 0 });
});
