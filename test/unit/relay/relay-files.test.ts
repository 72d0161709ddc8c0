import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SecretText } from '../../../src/base/secret-text.ts';
import {
  changedParts,
  readRelayConfig,
  readRelayFiles,
  type RelayFiles,
} from '../../../src/relay/relay-files.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'relay-files-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function config(change: Record<string, unknown> = {}): Promise<string> {
  const path = join(directory, 'relay.json');
  const agora = { appId: 'a', channelName: 'c', uid: 1, tokenFile: join(directory, 'token') };
  const ingest = { urlFile: join(directory, 'url'), streamKeyFile: join(directory, 'key') };
  await writeFile(path, JSON.stringify({ channel: 'shop/show', slot: 0, agora, ingest, ...change }));
  return path;
}

describe('the configuration', () => {
  test('has its defaults', async () => {
    expect(await readRelayConfig(await config())).toMatchObject({
      media: { keyframeIntervalSeconds: 2 },
      listen: { port: 8080 },
    });
  });

  test('is rejected if invalid, with the name of the field', async () => {
    await expect(readRelayConfig(await config({ slot: 5 }))).rejects.toThrow(/slot/);
    await expect(readRelayConfig(await config({ suprise: 1 }))).rejects.toThrow(/suprise/);
    await expect(readRelayConfig(join(directory, 'none.json'))).rejects.toThrow(
      /none\.json, cannot be read: ENOENT/,
    );
  });
});

describe('the files that it names', () => {
  test('are read without the trailing line break of editors', async () => {
    for (const name of ['token', 'url', 'key']) await writeFile(join(directory, name), `${name}-value\n`);
    const files = await readRelayFiles(await readRelayConfig(await config()));
    expect(files.streamKey.reveal()).toBe('key-value');
    expect(JSON.stringify(files)).not.toContain('key-value');
  });

  test('have no Agora token for a project without an App Certificate', async () => {
    for (const name of ['url', 'key']) await writeFile(join(directory, name), 'value');
    const path = await config({ agora: { appId: 'a', channelName: 'c', uid: 1 } });
    expect((await readRelayFiles(await readRelayConfig(path))).token).toBeUndefined();
  });

  test('are named in the error when one is missing or empty', async () => {
    await writeFile(join(directory, 'token'), '');
    const parsed = await readRelayConfig(await config());
    await expect(readRelayFiles(parsed)).rejects.toThrow(
      /(Agora token.*is empty|(ingest URL|stream key).*cannot be read)/,
    );
  });
});

test('are reported as changed only if their content has changed', () => {
  const files: RelayFiles = {
    token: new SecretText('t'),
    ingestUrl: 'u',
    streamKey: new SecretText('k'),
    ca: undefined,
  };
  expect(changedParts(files, { ...files, token: new SecretText('t') })).toEqual({
    token: false,
    ingest: false,
  });
  expect(changedParts(files, { ...files, token: new SecretText('t2') })).toEqual({
    token: true,
    ingest: false,
  });
  expect(changedParts(files, { ...files, streamKey: new SecretText('k2') })).toEqual({
    token: false,
    ingest: true,
  });
  expect(changedParts(files, { ...files, ca: 'pem' })).toEqual({ token: false, ingest: true });
});
