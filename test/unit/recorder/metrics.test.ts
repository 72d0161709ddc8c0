import { beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { type RecorderMetrics, recorderMetrics } from '../../../src/recorder/metrics.ts';
import type { FilledMetrics } from '../../../src/store/store.ts';

describe("metrics of the app's tables", () => {
  let registry: Registry;
  let metrics: RecorderMetrics;
  beforeEach(() => {
    registry = new Registry();
    metrics = recorderMetrics(registry, {
      waiting: () => 0,
      lagSeconds: () => 0,
      dropped: () => 0,
      openAlerts: () => new Map(),
      leftOut: () => new Map([['livechannel_costs', 2]]),
    });
  });
  const filled = (part: Partial<FilledMetrics>): FilledMetrics => ({
    ...{ table: 'usable', written: 3, refused: [], until: new Date(120_000), more: false },
    ...part,
  });
  /** The lines of these metrics that have a value. */
  const lines = async (): Promise<readonly string[]> =>
    (await registry.metrics())
      .split('\n')
      .filter((line) => /^livechannel_recorder_(app_metrics|refused|omitted|left_out)/.test(line));

  test('report the rows, how far they go, and that the table is filled', async () => {
    metrics.appMetrics(filled({}));
    expect((await lines()).filter((line) => !line.includes('left_out'))).toEqual([
      'livechannel_recorder_app_metrics_rows_total 3',
      'livechannel_recorder_app_metrics_usable 1',
      'livechannel_recorder_app_metrics_until_timestamp_seconds 120',
    ]);
    metrics.appMetrics(filled({ table: 'unusable', problem: 'x', written: 0, until: undefined }));
    expect(await lines()).toContain('livechannel_recorder_app_metrics_usable 0');
  });

  test('are absent where the table of channels is that of the operator', async () => {
    metrics.appMetrics(filled({ table: 'own', written: 0, until: undefined }));
    expect((await lines()).join('\n')).not.toMatch(/usable|until/);
  });

  test("count rows that were left out of the project's own tables, once however often they are read", async () => {
    await lines();
    expect(await lines()).toContain('livechannel_recorder_left_out_rows_total{table="livechannel_costs"} 2');
  });

  test('count refused rows and omitted values', async () => {
    metrics.unwritten.refused('channels', 2);
    metrics.unwritten.refused('stream_metrics', 1);
    metrics.unwritten.tooLong('stream_key_id', 4);
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'livechannel_recorder_refused_rows_total{table="channels"} 2',
        'livechannel_recorder_refused_rows_total{table="stream_metrics"} 1',
        'livechannel_recorder_omitted_values_total{column="stream_key_id"} 4',
      ]),
    );
  });
});
