import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { chartValuesSchema } from '../../../../hack/generate/chart-values.ts';
import { serviceDefaults } from '../../../../src/server/contract/channel-defaults.ts';
import { exposedSettings } from '../../../../src/server/contract/channel-settings.ts';
import { apiSettingsSchema } from '../../../../src/server/settings.ts';

const defaultsOf = (text?: string): unknown =>
  apiSettingsSchema.parse(text === undefined ? {} : { LIVECHANNEL_API_DEFAULTS: text })
    .LIVECHANNEL_API_DEFAULTS;
const faultOf = (text: string): string => {
  const { error } = apiSettingsSchema.safeParse({ LIVECHANNEL_API_DEFAULTS: text });
  return error === undefined ? 'none' : z.prettifyError(error);
};

describe('LIVECHANNEL_API_DEFAULTS', () => {
  test('adds to the defaults of the service, member by member, and may turn them off', () => {
    expect(defaultsOf()).toEqual(serviceDefaults);
    expect(defaultsOf('')).toEqual(serviceDefaults);
    expect(
      defaultsOf('{"standby":true,"idle":{"noViewersSeconds":600},"fallback":{"afterSeconds":5}}'),
    ).toEqual({
      standby: true,
      idle: { noHostSeconds: 1_800, noViewersSeconds: 600 },
      fallback: { mode: 'agora-only', afterSeconds: 5 },
    });
    expect(defaultsOf('{"fallback":{"mode":"none"},"idle":{"noHostSeconds":0}}')).toEqual({
      fallback: { mode: 'none' },
      idle: { noHostSeconds: 0 },
    });
  });

  test.each([
    ['{', 'not settings of a channel as JSON: it is not JSON'],
    ['{"streamMode":"both"}', 'streamMode'],
    ['{"idle":{"noHostSeconds":-1}}', 'idle.noHostSeconds'],
    ['{"idle":{"noHosts":1}}', 'noHosts'],
    ['{"budget":{"usd":"12"}}', 'budget.per'],
    ['{"onAir":true}', 'onAir'],
    ['{"agoraChannelName":"live_{id}"}', 'the only placeholder is {channelId}'],
    ['{"agoraChannelName":"live_{channelId"}', 'the only placeholder is {channelId}'],
    ['{"agoraChannelName":"läve"}', 'characters that Agora accepts'],
  ])('%s is rejected at the start', (text, message) => {
    expect(faultOf(text)).toContain(message);
  });
});

describe("the chart's api.defaults", () => {
  const { defaults } = chartValuesSchema.shape.api.shape;

  test('accept every setting', () => {
    expect(Object.keys(defaults.shape).toSorted()).toEqual(Object.keys(exposedSettings).toSorted());
  });

  test('are those of the service, and an empty platform is none', async () => {
    const values = z
      .object({ api: z.object({ defaults: z.record(z.string(), z.unknown()) }) })
      .parse(
        parse(
          await readFile(
            new URL('../../../../charts/livechannel-operator/values.yaml', import.meta.url),
            'utf8',
          ),
        ),
      );
    expect(defaults.parse(values.api.defaults)).toEqual({
      streamMode: 'hybrid',
      platform: '',
      ...serviceDefaults,
    });
  });
});
