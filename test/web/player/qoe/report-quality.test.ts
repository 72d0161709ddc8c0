import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { qoeRequestSchema, qoeSnapshotSchema } from '../../../../src/server/contract/qoe.ts';
import type { EngineEvent } from '../../../../src/web/player/core/engine.ts';
import { reportQuality, type PlayerReport } from '../../../../src/web/player/qoe/report-quality.ts';
import { FakeClock } from '../fake-clock.ts';
import { FakePlayer } from '../fake-player.ts';
import { fakeVideo } from '../fake-video.ts';

const inSmallestSample = '0'.repeat(16);
const inNoSample = 'f'.repeat(16);

let hidden: boolean;
let open: { readonly end: () => void }[];
beforeEach(() => {
  hidden = false;
  open = [];
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
});
afterEach(() => {
  for (const { end } of open) end();
});

function underTest(sid = inSmallestSample) {
  const clock = new FakeClock();
  const video = fakeVideo();
  const sent: PlayerReport[] = [];
  const last: PlayerReport[] = [];
  let rate: number | undefined = 1;
  const reports = reportQuality({
    ...{ video: () => video.element, sid, clock, openedAt: 0, player: new FakePlayer() },
    send: async (report, isLast) => {
      (isLast ? last : sent).push(report);
      return isLast ? undefined : rate;
    },
  });
  open.push({ end: () => reports.destroy() });
  const pass = async (ms: number, speed = 1): Promise<void> => {
    for (let left = ms; left > 0; left -= 125) {
      video.position += 0.125 * speed;
      await clock.advance(125);
    }
  };
  const answer = (next: number | undefined): void => {
    rate = next;
  };
  const emit = (event: EngineEvent): void => reports.note(event);
  return { clock, reports, sent, last, pass, answer, emit };
}

const hide = (): void => {
  hidden = true;
  document.dispatchEvent(new Event('visibilitychange'));
};

test('a player reports every 10 s in the first minute and every 30 s then, in the form of the contract', async () => {
  const { sent, pass } = underTest();
  await pass(125_000);
  expect(sent.map(({ seq, dur }) => [seq, Math.round(dur)])).toEqual([
    ...[0, 1, 2, 3, 4, 5].map((seq) => [seq, 10]),
    [6, 30],
    [7, 30],
  ]);
  for (const report of sent) {
    const onTheWire: unknown = JSON.parse(JSON.stringify(report));
    expect(qoeRequestSchema.parse(onTheWire)).toEqual(onTheWire);
    expect(JSON.stringify(report).length).toBeLessThan(500);
  }
  expect(sent[3]).toMatchObject({
    sid: inSmallestSample,
    state: 'playing',
    stalled: 0,
    lat50: 6,
    h: 720,
    kbps: 2_500,
  });
});

test('a stall is in the report of its time', async () => {
  const { sent, pass } = underTest();
  await pass(5_000);
  await pass(2_000, 0);
  await pass(4_000);
  expect(sent).toHaveLength(1);
  expect(sent[0]?.stalls).toBe(1);
  expect(sent[0]?.stalled).toBeGreaterThan(1.5);
  expect(sent[0]?.stalled).toBeLessThan(2.5);
});

test('a page that is hidden or left, and a player that is removed, send the rest as their last report', async () => {
  const { sent, last, pass, reports } = underTest();
  await pass(4_000);
  hide();
  expect(last).toMatchObject([{ seq: 0, visible: false }]);
  globalThis.dispatchEvent(new Event('pagehide'));
  expect(last).toHaveLength(1);
  await pass(3_000);
  reports.destroy();
  expect(last.map(({ seq, visible }) => [seq, visible])).toEqual([
    [0, false],
    [1, false],
  ]);
  expect(sent).toEqual([]);
});

test('after the end nothing is measured or sent', async () => {
  const { clock, sent, last, pass, reports } = underTest();
  await pass(500);
  reports.destroy();
  await pass(60_000);
  hide();
  expect([sent, last]).toEqual([[], []]);
  expect(clock.pending).toBe(0);
});

test('a player that is not in the sample stops reporting, except for a fault', async () => {
  const { sent, pass, answer, emit } = underTest(inNoSample);
  answer(0.1);
  await pass(95_000);
  expect(sent).toHaveLength(1);
  emit({ type: 'network-error', what: 'segment', status: 503, fatal: true });
  await pass(70_000, 0);
  expect(sent).toMatchObject([{ seq: 0 }, { seq: 1, fatal: 'segment', rate: 0.1 }]);
  expect(sent[0]?.rate).toBe(1);
});

test('a player that is in the sample says for how many it stands, and keeps the smallest share', async () => {
  const { sent, pass, answer } = underTest();
  answer(0.5);
  await pass(15_000);
  answer(1);
  await pass(10_000);
  answer(undefined);
  await pass(20_000);
  expect(sent.map(({ rate }) => rate)).toEqual([1, 0.5, 0.5, 0.5]);
});

test('a complaint has what is measured at the moment, and not who complains', async () => {
  const { reports, pass } = underTest();
  await pass(2_000);
  await pass(1_000, 0);
  expect(reports.snapshot()).toMatchObject({ stalls: 1, state: 'playing', h: 720 });
  const onTheWire: unknown = JSON.parse(JSON.stringify(reports.snapshot()));
  expect(qoeSnapshotSchema.parse(onTheWire)).toEqual(onTheWire);
});
