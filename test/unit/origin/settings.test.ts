import { describe, expect, test } from '@jest/globals';
import { environmentName, flagName, parseSettings } from '../../../src/origin/settings.ts';

const required = {
  publicUrl: 'http://media.example.com:8080/',
  ingestUrl: 'rtmps://origin.example.com:1936/live/',
  tokenFile: '/t',
  masterSecretFile: '/m',
  tlsCertFile: '/c',
  tlsKeyFile: '/k',
  stateDir: '/s',
  hlsDir: '/h',
};

test('settings have the same name as flags and in the environment', () => {
  expect(environmentName('publicUrl')).toBe('LIVECHANNEL_ORIGIN_PUBLIC_URL');
  expect(environmentName('ffmpeg')).toBe('LIVECHANNEL_FFMPEG');
  expect(flagName('publicUrl')).toBe('public-url');
});

test('the required settings are sufficient', () => {
  expect(parseSettings(required)).toMatchObject({
    publicUrl: 'http://media.example.com:8080',
    rtmpsPort: 1936,
    hlsPort: 8080,
    controlPort: 8081,
    segmentSeconds: 2,
    controlTls: false,
  });
});

describe('invalid settings are rejected with their name', () => {
  test.each([
    ['no settings', {}, /LIVECHANNEL_ORIGIN_PUBLIC_URL \(--public-url\): is not set/],
    ['plain RTMP', { ...required, ingestUrl: 'rtmp://h/live/' }, /INGEST_URL.*must look like rtmps:/],
    ['an invalid port', { ...required, hlsPort: 'abc' }, /LIVECHANNEL_ORIGIN_HLS_PORT/],
    ['an empty value', { ...required, hlsDir: '' }, /LIVECHANNEL_ORIGIN_HLS_DIR .*is not set/],
    ['the same port twice', { ...required, rtmpsPort: '11936' }, /port 11936 is used twice/],
  ])('%s', (_what, values, message) => {
    expect(() => parseSettings(values)).toThrow(message);
  });
});
