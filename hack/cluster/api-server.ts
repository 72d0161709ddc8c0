import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { Authority, createServiceAccountKey, type KeyPair } from './pki.ts';

/** First address of the Service range: where pods reach the API server. */
export const apiServiceAddress = '10.96.0.1';
const serviceRange = '10.96.0.0/16';

/** What both the cluster and the control plane for tests need before any program starts. */
export interface ControlPlaneFiles {
  /** Signs the certificates of the API server and of all its clients. */
  readonly authority: Authority;
  readonly apiServer: KeyPair;
  readonly admin: KeyPair;
  /** etcd trusts a separate authority, so that only the API server may read it. */
  readonly etcdAuthority: Authority;
  readonly etcd: KeyPair;
  readonly etcdClient: KeyPair;
  readonly serviceAccountKey: string;
  /** The certificate of the API server as a client of kubelets. */
  readonly kubeletClient: KeyPair;
}

/** Creates every certificate and key of a control plane whose API server listens on `address`. */
export async function createControlPlaneFiles(folder: string, address: string): Promise<ControlPlaneFiles> {
  const [authority, etcdAuthority] = await Promise.all([
    Authority.create(join(folder, 'pki'), 'livechannel-cluster'),
    Authority.create(join(folder, 'pki-etcd'), 'livechannel-cluster-etcd'),
  ]);
  const loopback = ['IP:127.0.0.1', 'DNS:localhost'];
  const service = ['', '.default', '.default.svc', '.default.svc.cluster.local'];
  const names = [...service.map((suffix) => `DNS:kubernetes${suffix}`), `IP:${apiServiceAddress}`];
  const [apiServer, admin, kubeletClient, etcd, etcdClient, serviceAccountKey] = await Promise.all([
    authority.issue('kube-apiserver', {
      commonName: 'kube-apiserver',
      alternativeNames: [...loopback, ...names, ...(address === '127.0.0.1' ? [] : [`IP:${address}`])],
    }),
    authority.issue('admin', { commonName: 'livechannel-admin', organization: 'system:masters' }),
    authority.issue('kubelet-client', { commonName: 'kube-apiserver-kubelet-client' }),
    etcdAuthority.issue('etcd', { commonName: 'etcd', alternativeNames: loopback }),
    etcdAuthority.issue('client', { commonName: 'kube-apiserver' }),
    createServiceAccountKey(join(folder, 'pki')),
  ]);
  return {
    authority,
    apiServer,
    admin,
    etcdAuthority,
    etcd,
    etcdClient,
    serviceAccountKey,
    kubeletClient,
  };
}

/** etcd for one API server on the loopback. Its data is temporary, so writes are not synced to disk. */
export function etcdArguments(
  files: ControlPlaneFiles,
  folder: string,
  port: number,
  peerPort: number,
): string[] {
  const peer = `http://127.0.0.1:${String(peerPort)}`;
  const client = `https://127.0.0.1:${String(port)}`;
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    `--cert-file=${files.etcd.certificate}`,
    `--key-file=${files.etcd.key}`,
    `--trusted-ca-file=${files.etcdAuthority.pair.certificate}`,
    '--client-cert-auth',
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export interface ApiServerOptions {
  readonly address: string;
  readonly port: number;
  readonly etcdPort: number;
  /** The address of the kubernetes Service. None: there are no pods that would use it. */
  readonly advertiseAddress?: string;
  readonly extraArguments?: readonly string[];
}

/** kube-apiserver as standard clusters run it: Node and RBAC authorization, default admission plugins. */
export function apiServerArguments(files: ControlPlaneFiles, options: ApiServerOptions): string[] {
  return [
    `--bind-address=${options.address}`,
    `--secure-port=${String(options.port)}`,
    ...(options.advertiseAddress === undefined
      ? // An address must be set or be found on an interface. Without a reconciler it is not used (RFC 5737).
        ['--endpoint-reconciler-type=none', '--advertise-address=192.0.2.1']
      : [`--advertise-address=${options.advertiseAddress}`]),
    `--etcd-servers=https://127.0.0.1:${String(options.etcdPort)}`,
    `--etcd-cafile=${files.etcdAuthority.pair.certificate}`,
    `--etcd-certfile=${files.etcdClient.certificate}`,
    `--etcd-keyfile=${files.etcdClient.key}`,
    `--client-ca-file=${files.authority.pair.certificate}`,
    `--tls-cert-file=${files.apiServer.certificate}`,
    `--tls-private-key-file=${files.apiServer.key}`,
    `--kubelet-certificate-authority=${files.authority.pair.certificate}`,
    `--kubelet-client-certificate=${files.kubeletClient.certificate}`,
    `--kubelet-client-key=${files.kubeletClient.key}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--service-cluster-ip-range=${serviceRange}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${files.serviceAccountKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    // Webhooks and the service proxy connect to the pod itself: the API server's host has no route to Service addresses.
    '--enable-aggregator-routing=true',
    '--allow-privileged=true',
    '--profiling=false',
    ...(options.extraArguments ?? []),
  ];
}

/** kube-controller-manager. There is one instance, so no leader election, which it could lose on a busy machine. */
export function controllerManagerArguments(files: ControlPlaneFiles, kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--root-ca-file=${files.authority.pair.certificate}`,
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    '--secure-port=0',
    // It creates an account and a token for each of its forty controllers before any starts: 5 s at the default 20/s.
    '--kube-api-qps=500',
    '--kube-api-burst=500',
  ];
}

/**
 * GET of one path of the API server. Returns the body if the status is 200; otherwise throws an error with status and
 * body.
 */
export async function apiGet(url: string, files: ControlPlaneFiles, path: string): Promise<string> {
  const [ca, cert, key] = await Promise.all(
    [files.authority.pair.certificate, files.admin.certificate, files.admin.key].map((file) =>
      readFile(file),
    ),
  );
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}${path}`, { ca, cert, key, agent: false, timeout: 5000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('error', reject).on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`GET ${path}: ${String(response.statusCode)} ${body.slice(0, 500)}`));
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`GET ${path}: no answer within 5 s`)));
    outgoing.on('error', reject).end();
  });
}
