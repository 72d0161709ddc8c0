import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { freePorts } from '../../../hack/cluster/free-ports.ts';
import { streamingPlatformSpecSchema } from '../../../src/api/streaming-platform.ts';
import { cloudNames } from '../../fixtures/clouds/contract.ts';
import { eventually } from '../../support/wait/eventually.ts';

let temporary = '';
let ports: string[] = [];
const running: ChildProcess[] = [];

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'clouds-command-'));
  ports = (await freePorts(2)).map(String);
});
afterAll(async () => {
  for (const child of running) if (child.exitCode === null) child.kill('SIGKILL');
  await rm(temporary, { recursive: true });
});

/** The command with a separate temporary directory, in which leftovers are visible. */
function start(...flags: string[]): { child: ChildProcess; said: () => string; ended: Promise<unknown> } {
  const [port = '', rtmpsPort = ''] = ports;
  const child = spawn(
    process.execPath,
    ['test/fixtures/clouds/main.ts', '--port', port, '--rtmps-port', rtmpsPort, ...flags],
    { env: { ...process.env, TMPDIR: temporary }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  running.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => (text += more));
  return { child, said: () => text, ended: once(child, 'close') };
}

test('make fixtures runs all clouds, prints the manifests to apply, and leaves nothing behind', async () => {
  const { child, said, ended } = start('--namespace', 'mine');
  await eventually('the clouds are running', 20, async () =>
    said().includes('Press Ctrl-C to stop') ? true : undefined,
  );
  const objects = parseAllDocuments(said()).map((document) => {
    const object: unknown = document.toJS();
    return object;
  });
  for (const name of cloudNames) {
    expect(objects).toContainEqual(
      expect.objectContaining({
        kind: 'Secret',
        metadata: { name: `fixture-${name}`, namespace: 'mine' },
        stringData: expect.objectContaining({ 'ca.crt': expect.stringContaining('BEGIN CERTIFICATE') }),
      }),
    );
    const platform = objects.find(
      (object) =>
        typeof object === 'object' &&
        object !== null &&
        'spec' in object &&
        JSON.stringify(object.spec).includes(`fixture-${name}`),
    );
    expect(platform).toMatchObject({ kind: 'StreamingPlatform', metadata: { name } });
    const { spec } = platform as { spec: unknown }; // matched above
    expect(streamingPlatformSpecSchema.safeParse(spec)).toMatchObject({ success: true });
  }
  expect(await readdir(temporary)).not.toEqual([]);

  const second = start();
  await second.ended;
  expect(second.child.exitCode).toBe(1);
  expect(second.said()).toContain(`port ${String(ports[0])} of 127.0.0.1 is in use`);

  child.kill('SIGTERM');
  await ended;
  expect(child.exitCode).toBe(0);
  expect(await readdir(temporary)).toEqual([]);
});

test('invalid options are explained', async () => {
  const { child, said, ended } = start('--max-streams', 'aws=3');
  await ended;
  expect(child.exitCode).toBe(1);
  expect(said()).toContain(`expected CLOUD=N, with one of ${cloudNames.join(', ')}`);
});
