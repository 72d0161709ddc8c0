import { expect, test } from '@jest/globals';
import { SecretText } from '../../../src/base/secret-text.ts';
import { frontConfiguration, mediaConfiguration } from '../../../src/origin/nginx-configuration.ts';

const common = {
  directory: '/run/a "folder"',
  socket: '/run/nginx.sock',
  modules: '/modules',
  asRoot: false,
};
const mediaOptions = {
  ...common,
  ingestPort: 11935,
  playPort: 11936,
  maxMessageBytes: 2_000_000,
  hooksUrl: 'http://127.0.0.1:4711',
};
const media = mediaConfiguration(mediaOptions);
const front = frontConfiguration({
  ...common,
  listenHost: '0.0.0.0',
  rtmpsPort: 1936,
  hlsPort: 8080,
  workers: 2,
  gatePort: 11999,
  publishersPerAddress: 1_256,
  connectionsPerAddress: 6_000,
  accessLogPort: 5140,
  hlsDirectory: '/hls',
  playbackKey: new SecretText('the-playback-key'),
  assetsDirectory: '/assets',
  certificateFile: '/tls/tls.crt',
  certificateKeyFile: '/tls/tls.key',
});
const listens = (text: string): string[] =>
  [...text.matchAll(/^\s*listen (.*);$/gm)].map(([, what]) => what ?? '');

test('plain RTMP and the control port of nginx listen on this machine only', () => {
  for (const listen of listens(media)) expect(listen).toMatch(/^(127\.0\.0\.1:|"unix:)/);
});

test('the front listens on the two public ports and on no others', () => {
  expect(listens(front)).toEqual(['0.0.0.0:1936 ssl', '0.0.0.0:8080', '"unix:/run/nginx.sock"']);
});

test('media of signed streams is always served with a check of the signature', () => {
  const locations = front.split('location ').filter((text) => text.includes('/hls/signed/$playback'));
  expect(locations).toHaveLength(2);
  for (const text of locations)
    expect(text).toMatch(
      /secure_link \$signature,\$until;\s+secure_link_md5 "\$until \$viewer \$playback the-playback-key";\s+if \(\$secure_link = ""\) \{ return 403; \}\s+if \(\$secure_link = "0"\) \{ return 410; \}/,
    );
});

test('everything that nginx writes is in its folder', () => {
  for (const text of [media, front]) {
    const writes = [...text.matchAll(/(?:_temp_path|pid) ("(?:[^"\\]|\\.)*")/g)].map(([, path]) => path);
    expect(writes).toHaveLength(6);
    for (const path of writes) expect(path).toMatch(/^"\/run\/a \\"folder\\"\//);
  }
});

test('nginx is configured to stay root only as root', () => {
  expect(media).not.toContain('user ');
  expect(mediaConfiguration({ ...mediaOptions, asRoot: true })).toContain('user root;');
});

test('clients of one address are limited, by connections and by requests', () => {
  expect(front).toContain('limit_conn publishers 1256;');
  expect(front).toContain('limit_conn connections 6000;');
  expect(front).toContain('zone=requests:10m rate=12000r/s;');
});

test('publishers reach RTMP through the gate alone', () => {
  expect(front).toContain('proxy_pass 127.0.0.1:11999;');
  expect(front).not.toContain('11935');
});
