import { join } from 'node:path';
import { stringify } from 'yaml';
import { waitUntil } from '../cluster/wait-until.ts';
import type { Report } from '../tools/report.ts';
import type { Folders } from '../tools/folders.ts';
import { readImageList } from '../images/image-list.ts';
import type { Kubectl } from './kubectl.ts';

export const releaseName = 'livechannel';
export const systemNamespace = 'livechannel-system';
/** Node port on which players outside the cluster reach the origin's HLS. */
const hlsNodePort = 30080;

/** Address under which this machine reaches the origin's players and playlists. */
export async function publicUrl(kubectl: Kubectl): Promise<string> {
  const given = process.env['LIVECHANNEL_DEMO_PUBLIC_URL'];
  if (given !== undefined && given !== '') return given;
  return `http://${await nodeAddress(kubectl)}:${String(hlsNodePort)}`;
}

export async function nodeAddress(kubectl: Kubectl): Promise<string> {
  const addresses = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}';
  return (await kubectl.run(['get', 'nodes', '-o', `jsonpath=${addresses}`])).trim().split(' ')[0] ?? '';
}

/**
 * Installs or upgrades the chart with this checkout's images, and waits until operator and origin run. The service and
 * its database are installed if the values enable them; they are not waited for.
 */
export async function installRelease(
  folders: Folders,
  kubectl: Kubectl,
  report: Report,
  values: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await ensureNamespace(kubectl, systemNamespace);
  const images = await readImageList(folders.local);
  const image = (name: string): { repository: string; tag: string } => {
    const reference = images[name]?.ref;
    if (reference === undefined) throw new Error(`image ${name} is not built. Run "make images" first.`);
    const colon = reference.lastIndexOf(':');
    return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
  };
  const base = {
    operator: { image: image('operator') },
    relay: { image: image('relay') },
    // Callers that need them enable them: measurements and tests without them need not wait for them.
    api: { enabled: false },
    database: { embedded: { enabled: false, image: image('postgres') } },
    origin: {
      image: image('origin'),
      publicUrl: await publicUrl(kubectl),
      hlsService: { enabled: true, nodePort: hlsNodePort },
    },
  };
  report(`demo: helm upgrade --install ${releaseName} (namespace ${systemNamespace})`);
  const chart = join(folders.checkout, 'charts/livechannel-operator');
  await kubectl.helm(
    ['upgrade', '--install', releaseName, chart, '-n', systemNamespace, '-f', '-', ...setFlags(values)],
    stringify(base),
  );
  for (const part of ['operator', 'origin'])
    await kubectl.run([
      '-n',
      systemNamespace,
      'rollout',
      'status',
      `deployment/${releaseName}-${part}`,
      '--timeout=180s',
    ]);
  await waitUntil('StreamingPlatform origin is Ready', 60_000, async () => {
    const ready = '.status.conditions[?(@.type=="Ready")].status';
    return (await kubectl.field('streamingplatform', 'origin', undefined, ready)) === 'True'
      ? true
      : undefined;
  });
}

export async function uninstallRelease(kubectl: Kubectl): Promise<void> {
  // While the operator runs, because its finalizer keeps a platform as long as streams may be on it.
  await kubectl.run(['delete', 'streamingplatform', 'origin', '--ignore-not-found', '--timeout=60s']);
  await kubectl.helm(['uninstall', releaseName, '-n', systemNamespace, '--ignore-not-found', '--wait']);
}

/** A namespace in which only pods of the restricted Pod Security Standard may run. */
export async function ensureNamespace(kubectl: Kubectl, name: string): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await kubectl.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
}

function setFlags(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).flatMap(([path, value]) => [
    '--set-json',
    `${path}=${JSON.stringify(value)}`,
  ]);
}
