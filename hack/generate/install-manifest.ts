import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ensureTool } from '../tools/build.ts';
import { foldersFrom } from '../tools/folders.ts';
import { generatedNotice, toYaml } from './crds.ts';

const run = promisify(execFile);
const namespace = 'livechannel-system';

export const installManifestPath = 'manifests/install.yaml';

/**
 * The chart as plain manifests, for `kubectl apply`. Without the origin and the database: their keys, certificate and
 * password are made by an installation, and must not be the same for everybody who applies a file.
 */
export async function installManifest(root: string): Promise<string> {
  const helm = await ensureTool(foldersFrom(process.env), 'helm', (line) =>
    process.stderr.write(`${line}\n`),
  );
  const { stdout } = await run(
    helm,
    [
      'template',
      'livechannel',
      'charts/livechannel-operator',
      '--namespace',
      namespace,
      '--set',
      'origin.enabled=false,database.embedded.enabled=false,crds.keep=false',
    ],
    { cwd: root, maxBuffer: 16 * 1024 * 1024 },
  );
  const home = toYaml({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  });
  return `${generatedNotice}${home}${stdout}`;
}
