import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Access } from './access.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import { fromKubeconfig } from './kubeconfig.ts';
import { readText, tokenFile } from './token-file.ts';

export interface CredentialsOptions {
  /** Default: $KUBECONFIG, then the pod's service account, then ~/.kube/config. */
  readonly kubeconfigPath?: string | undefined;
  /** Default: the kubeconfig's current context. */
  readonly context?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock | undefined;
}

const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Loads the server's address and the credentials from the first that is set: `kubeconfigPath`, $KUBECONFIG (its first
 * path), the pod's service account, ~/.kube/config.
 * @throws ConfigurationError if the file cannot be read or used
 */
export async function loadCredentials(options: CredentialsOptions): Promise<Access> {
  const { environment, clock = systemClock } = options;
  const named = options.kubeconfigPath ?? environment['KUBECONFIG']?.split(':').find((path) => path !== '');
  if (named !== undefined) return fromKubeconfig(named, options.context, clock);
  if (environment['KUBERNETES_SERVICE_HOST'] !== undefined) return inCluster(environment, clock);
  return fromKubeconfig(join(homedir(), '.kube', 'config'), options.context, clock);
}

async function inCluster(environment: CredentialsOptions['environment'], clock: Clock): Promise<Access> {
  const host = environment['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  const ca = await readText(join(SERVICE_ACCOUNT_DIR, 'ca.crt'));
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tls: { ca },
    namespace: (await readText(join(SERVICE_ACCOUNT_DIR, 'namespace'))).trim(),
    authorization: tokenFile(join(SERVICE_ACCOUNT_DIR, 'token'), clock),
  };
}
