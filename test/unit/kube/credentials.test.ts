import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { loadCredentials } from '../../../src/kube/credentials.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'));
});
afterAll(() => rm(folder, { recursive: true }));

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function kubeconfig(user: object, cluster: object = {}): Promise<string> {
  const path = join(folder, 'config');
  const config = {
    'current-context': 'main',
    contexts: [
      { name: 'main', context: { cluster: 'c', user: 'u', namespace: 'shop' } },
      { name: 'other', context: { cluster: 'c', user: 'u' } },
    ],
    clusters: [{ name: 'c', cluster: { server: 'https://example.com:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
  };
  await writeFile(path, stringify(config));
  return path;
}

const load = (kubeconfigPath: string, context?: string) =>
  loadCredentials({ kubeconfigPath, context, environment: {} });

describe('a kubeconfig', () => {
  test('contains the server, the namespace and client certificates, as data or as files beside it', async () => {
    await writeFile(join(folder, 'ca.pem'), 'the CA');
    const path = await kubeconfig(
      { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') },
      { 'certificate-authority': 'ca.pem', 'tls-server-name': 'other.name' },
    );
    const credentials = await load(path);
    expect(credentials).toMatchObject({ server: 'https://example.com:6443', namespace: 'shop' });
    expect(credentials.tls).toEqual({ ca: 'the CA', cert: 'cert', key: 'key', servername: 'other.name' });
    expect(await credentials.authorization(false)).toBeUndefined();
    expect((await load(path, 'other')).namespace).toBe('default');
  });

  test.each([
    [{ token: 't' }, 'Bearer t'],
    [{ username: 'u', password: 'p' }, `Basic ${base64('u:p')}`],
  ])('%j results in the header %s', async (user, header) => {
    expect(await (await load(await kubeconfig(user))).authorization(false)).toBe(header);
  });

  test('a token file is read again when the server rejects the token', async () => {
    await writeFile(join(folder, 'token'), 'first\n');
    const credentials = await load(await kubeconfig({ tokenFile: 'token' }));
    expect(await credentials.authorization(false)).toBe('Bearer first');
    await writeFile(join(folder, 'token'), 'second\n');
    expect(await credentials.authorization(false)).toBe('Bearer first');
    expect(await credentials.authorization(true)).toBe('Bearer second');
  });

  test('a credential plugin is run', async () => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-plugin' },
    };
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'echo',
      args: [JSON.stringify(credential)],
      interactiveMode: 'Never',
    };
    const credentials = await load(await kubeconfig({ exec }));
    expect(await credentials.authorization(false)).toBe('Bearer from-plugin');
  }, 30_000);

  test('$KUBECONFIG selects it; errors contain its name', async () => {
    const path = await kubeconfig({ token: 't' });
    const environment = { KUBECONFIG: `:${path}` };
    expect((await loadCredentials({ environment })).namespace).toBe('shop');
    await expect(load(path, 'nowhere')).rejects.toThrow('no complete context "nowhere"; it has: main, other');
    await expect(load(join(folder, 'none'))).rejects.toThrow(`cannot read ${join(folder, 'none')}`);
    await writeFile(path, 'clusters: 7');
    await expect(load(path)).rejects.toThrow(/kubeconfig .* is not valid/);
  });
});
