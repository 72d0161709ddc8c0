import { expect, test } from '@jest/globals';
import { choiceSetting, numberSetting, readSettings, textSetting } from '../../bench/lib/settings.ts';

const settings = {
  SECONDS: numberSetting(60, 'seconds'),
  PATHS: choiceSetting(['passthrough', 'x11grab'], 'ways', ['passthrough']),
  SEED: textSetting('', 'a seed'),
};

test('what is not given has its default, also where make passes an empty text', () => {
  expect(readSettings(settings, { SEED: '' })).toEqual({ SECONDS: 60, PATHS: ['passthrough'], SEED: '' });
});

test('what is given counts; choices are separated by blanks or commas', () => {
  const environment = { SECONDS: '3', PATHS: 'x11grab,passthrough', SEED: '11' };
  expect(readSettings(settings, environment)).toEqual({
    ...{ SECONDS: 3, PATHS: ['x11grab', 'passthrough'], SEED: '11' },
  });
  expect(readSettings(settings, { PATHS: 'passthrough  x11grab' }).PATHS).toHaveLength(2);
});

test('all that is wrong is named at once, with what it must be', () => {
  expect(() => readSettings(settings, { SECONDS: '-1', PATHS: 'obs' })).toThrow(
    'SECONDS must be a number above 0, not "-1"; PATHS has no value "obs", only passthrough, x11grab',
  );
});
