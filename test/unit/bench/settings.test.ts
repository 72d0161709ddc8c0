import { expect, test } from '@jest/globals';
import { choiceSetting, numberSetting, readSettings, textSetting } from '../../bench/lib/settings.ts';

const settings = {
  SECONDS: numberSetting(60, 'seconds'),
  PATHS: choiceSetting(['passthrough', 'x11grab'], 'ways', ['passthrough']),
  SEED: textSetting('', 'a seed'),
};

test('missing and empty settings have their defaults', () => {
  expect(readSettings(settings, { SEED: '' })).toEqual({ SECONDS: 60, PATHS: ['passthrough'], SEED: '' });
});

test('settings are parsed; choices are separated by spaces or commas', () => {
  const environment = { SECONDS: '3', PATHS: 'x11grab,passthrough', SEED: '11' };
  expect(readSettings(settings, environment)).toEqual({
    ...{ SECONDS: 3, PATHS: ['x11grab', 'passthrough'], SEED: '11' },
  });
  expect(readSettings(settings, { PATHS: 'passthrough  x11grab' }).PATHS).toHaveLength(2);
});

test('all invalid settings are reported at once, with the valid values', () => {
  expect(() => readSettings(settings, { SECONDS: '-1', PATHS: 'obs' })).toThrow(
    'SECONDS must be a number above 0, not "-1"; PATHS has no value "obs", only passthrough, x11grab',
  );
});
