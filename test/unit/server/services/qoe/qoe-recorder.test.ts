import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { silentLogger } from '../../../../../src/base/logger.ts';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import { apiMetrics } from '../../../../../src/server/services/metrics.ts';
import { QoeRecorder } from '../../../../../src/server/services/qoe/qoe-recorder.ts';
import { aCachedChannel } from '../../../../support/server/cached-channel.ts';
import { aQoeReport } from '../../../../support/server/qoe-reports.ts';

function underTest() {
  const registry = new Registry();
  const clock = new FakeClock();
  const zero = (): number => 0;
  const channels = new Map(['show', 'other'].map((name) => [name, aCachedChannel(name)]));
  const metrics = apiMetrics(registry, {
    ...{ channels: zero, brokenSeconds: zero, numbersAgeSeconds: zero, subscribers: zero },
    liveNumbersAgeSeconds: zero,
    ...{ auditWaiting: zero, auditDropped: zero, auditOmitted: zero, leftOut: () => new Map() },
    players: () => recorder.players((id) => channels.get(id)),
  });
  const recorder = new QoeRecorder(metrics.players, {
    ...{ clock, logger: silentLogger, store: undefined, namespace: 'shop', replica: 'a' },
  });
  const scrape = async (): Promise<string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('livechannel_api_player'));
  return { clock, recorder, channels, scrape };
}

test('reports are in the metrics, by platform and browser', async () => {
  const { recorder, scrape } = underTest();
  const show = aCachedChannel('show');
  recorder.add('show', show, aQoeReport(1, { ttff: 0.9, lat50: 4.5, playing: 20, stalled: 10 }));
  recorder.add('show', show, aQoeReport(2, { fatal: 'media', playing: 5 }));
  recorder.add('other', aCachedChannel('other', { status: { streamingPlatform: 'mux' } }), aQoeReport(3));
  const lines = await scrape();
  expect(lines).toEqual(
    expect.arrayContaining([
      'livechannel_api_player_startup_seconds_sum{platform="ivs-eu",browser="chrome"} 0.9',
      'livechannel_api_player_latency_seconds_count{platform="ivs-eu"} 1',
      'livechannel_api_player_playing_seconds_total{platform="ivs-eu",browser="chrome"} 25',
      'livechannel_api_player_stalled_seconds_total{platform="ivs-eu",browser="chrome"} 10',
      'livechannel_api_player_fatal_total{platform="ivs-eu",browser="chrome"} 1',
      'livechannel_api_player_playing_seconds_total{platform="mux",browser="chrome"} 30',
      'livechannel_api_players{namespace="shop",channel="show",activity="connected"} 2',
      'livechannel_api_players{namespace="shop",channel="other",activity="watching"} 1',
    ]),
  );
});

test('a repetition is not counted again', async () => {
  const { recorder, scrape } = underTest();
  for (let times = 0; times < 3; times++) recorder.add('show', aCachedChannel('show'), aQoeReport());
  expect(await scrape()).toContain(
    'livechannel_api_player_playing_seconds_total{platform="ivs-eu",browser="chrome"} 30',
  );
});

test('no metric names a player, and a channel that is gone leaves the gauge', async () => {
  const { recorder, channels, scrape } = underTest();
  for (let player = 1; player <= 200; player++)
    recorder.add('show', aCachedChannel('show'), aQoeReport(player, { ttff: player / 10 }));
  const lines = await scrape();
  expect(lines.length).toBeLessThan(40);
  expect(lines.join('\n')).not.toContain(aQoeReport(7).sid);
  channels.delete('show');
  expect((await scrape()).join('\n')).not.toContain('channel="show"');
});

test('the view of a channel has the last hour, and how its players were counted', async () => {
  const { clock, recorder } = underTest();
  const show = aCachedChannel('show');
  for (let player = 1; player <= 3; player++) recorder.add('show', show, aQoeReport(player, { ttff: 1 }));
  expect(await recorder.view('show', { step: 60 })).toMatchObject({
    ...{ sessions: 3, connected: 3, watching: 3, platforms: [{ platform: 'ivs-eu', sessions: 3 }] },
    counts: { ageSeconds: 0, estimated: false, sampleRate: 1 },
  });
  await clock.advance(120_000);
  expect(await recorder.view('show', { step: 60 })).toMatchObject({ sessions: 3, connected: 0, watching: 0 });
  await clock.advance(3_600_000);
  recorder.forget(show);
  expect(await recorder.view('show', { step: 60 })).toMatchObject({ sessions: 0, minutes: [] });
});

test('how many players there are is unknown, and not 0, until one has reported', async () => {
  const { recorder } = underTest();
  const unknown = { connected: null, watching: null, counts: { ageSeconds: null } };
  expect(await recorder.view('show', { step: 60 })).toMatchObject(unknown);
  recorder.add('show', aCachedChannel('show'), aQoeReport(1));
  expect(await recorder.view('show', { step: 60 })).toMatchObject({ connected: 1, watching: 1 });
  expect(await recorder.view('other', { step: 60 })).toMatchObject(unknown);
});

test('players learn which share of them should report', async () => {
  const { clock, recorder } = underTest();
  const show = aCachedChannel('show');
  const rateFor = (player: number) => recorder.add('show', show, aQoeReport(player)).sampleRate;
  for (let player = 0; player < 399; player++) expect(rateFor(player)).toBe(1);
  await clock.advance(1_000);
  expect(rateFor(399)).toBeCloseTo(0.5, 1);
});
