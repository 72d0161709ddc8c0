import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import type { Access } from './access.ts';
import { ConfigurationError } from './errors.ts';
import { readText, tokenFile } from './token-file.ts';

const kubeconfigSchema = z.object({
  'current-context': z.string().optional(),
  contexts: z
    .array(
      z.object({
        name: z.string(),
        context: z.object({ cluster: z.string(), user: z.string(), namespace: z.string().optional() }),
      }),
    )
    .default([]),
  clusters: z
    .array(
      z.object({
        name: z.string(),
        cluster: z.object({
          server: z.url(),
          'certificate-authority': z.string().optional(),
          'certificate-authority-data': z.string().optional(),
          'insecure-skip-tls-verify': z.boolean().optional(),
          'tls-server-name': z.string().optional(),
        }),
      }),
    )
    .default([]),
  users: z
    .array(
      z.object({
        name: z.string(),
        user: z
          .looseObject({
            'client-certificate': z.string().optional(),
            'client-certificate-data': z.string().optional(),
            'client-key': z.string().optional(),
            'client-key-data': z.string().optional(),
            token: z.string().optional(),
            tokenFile: z.string().optional(),
            username: z.string().optional(),
            password: z.string().optional(),
          })
          .nullish(),
      }),
    )
    .default([]),
});

/**
 * Reads the context `wanted` of a kubeconfig; by default, its current context.
 * @throws ConfigurationError if the file cannot be read, is not valid, or has no such context
 */
export async function fromKubeconfig(
  path: string,
  wanted: string | undefined,
  clock: Clock,
): Promise<Access> {
  const parsed = kubeconfigSchema.safeParse(parse(await readText(path)));
  if (!parsed.success)
    throw new ConfigurationError(`kubeconfig ${path} is not valid: ${z.prettifyError(parsed.error)}`);
  const config = parsed.data;
  const contextName = wanted ?? config['current-context'] ?? '';
  const context = config.contexts.find(({ name }) => name === contextName)?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  if (context === undefined || cluster === undefined)
    throw new ConfigurationError(
      `kubeconfig ${path} has no complete context "${contextName}"; it has: ${config.contexts.map(({ name }) => name).join(', ') || 'none'}`,
    );
  const user = config.users.find(({ name }) => name === context.user)?.user ?? {};
  const folder = dirname(resolve(path));
  const pem = async (data: string | undefined, file: string | undefined): Promise<string | undefined> => {
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
    return file === undefined ? undefined : readText(resolve(folder, file));
  };
  const common = {
    server: cluster.server.replace(/\/+$/, ''),
    namespace: context.namespace ?? 'default',
  };
  const tls = {
    ca: await pem(cluster['certificate-authority-data'], cluster['certificate-authority']),
    servername: cluster['tls-server-name'],
    rejectUnauthorized: cluster['insecure-skip-tls-verify'] === true ? false : undefined,
  };
  if (user['exec'] !== undefined || user['auth-provider'] !== undefined)
    return { ...common, ...(await withPlugin(path, contextName, tls)) };
  return {
    ...common,
    tls: {
      ...tls,
      cert: await pem(user['client-certificate-data'], user['client-certificate']),
      key: await pem(user['client-key-data'], user['client-key']),
    },
    authorization: authorizationOf(user, folder, clock),
  };
}

function authorizationOf(
  user: {
    tokenFile?: string | undefined;
    token?: string | undefined;
    username?: string | undefined;
    password?: string | undefined;
  },
  folder: string,
  clock: Clock,
): Access['authorization'] {
  if (user.tokenFile !== undefined) return tokenFile(resolve(folder, user.tokenFile), clock);
  const { token, username, password } = user;
  const basic =
    username === undefined ? undefined : Buffer.from(`${username}:${password ?? ''}`).toString('base64');
  const header = token !== undefined ? `Bearer ${token}` : basic !== undefined ? `Basic ${basic}` : undefined;
  return () => Promise.resolve(header);
}

/**
 * Authenticates through a login plugin (aws, gke, oidc, ...) with @kubernetes/client-node. It is loaded only here,
 * because that takes a second and 90 MB, and only users outside the cluster need it: a pod has a service account.
 */
async function withPlugin(
  path: string,
  context: string,
  tls: Access['tls'],
): Promise<Pick<Access, 'tls' | 'authorization'>> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromFile(path);
  config.setCurrentContext(context);
  const login = async (): Promise<{
    cert?: string | undefined;
    key?: string | undefined;
    header?: string | undefined;
  }> => {
    const options: Parameters<typeof config.applyToHTTPSOptions>[0] = { headers: {} };
    await config.applyToHTTPSOptions(options);
    const text = (value: unknown): string | undefined =>
      typeof value === 'string' ? value : Buffer.isBuffer(value) ? value.toString('utf8') : undefined;
    const headers = z.record(z.string(), z.unknown()).parse(options.headers ?? {});
    return { cert: text(options.cert), key: text(options.key), header: text(headers['Authorization']) };
  };
  const { cert, key } = await login();
  return { tls: { ...tls, cert, key }, authorization: async () => (await login()).header };
}
