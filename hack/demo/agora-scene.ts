import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateCertificate, spkiPin } from '../../test/fixtures/agora/certificate.ts';
import type { Folders } from '../tools/folders.ts';
import { readImageList } from '../images/image-list.ts';
import type { Manifest } from './kubectl.ts';

/** The video of the seller's host. A smaller one leaves more of a small machine to the relay. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly bitrateKbps: number;
}

/** Access points as in a LiveChannel's spec. */
export interface SceneAccessPoints {
  readonly hosts: readonly string[];
  readonly domain: string;
  readonly port: number;
  readonly certificatePins: readonly string[];
}

export const edgePort = 4433;
export const edgeControlPort = 4434;
const edgeName = 'agora-edge';
export const credentialsName = 'agora-credentials';

/** The security context of a pod, and of its container, that the restricted Pod Security Standard requires. */
export const podSecurity = {
  runAsNonRoot: true,
  runAsUser: 65532,
  runAsGroup: 65532,
  fsGroup: 65532,
  seccompProfile: { type: 'RuntimeDefault' },
};
export const containerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** The Secret that LiveChannels refer to. The edge and the host use the same one. */
export function credentials(namespace: string, appId: string, appCertificate: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: credentialsName, namespace },
    stringData: { appId, appCertificate },
  };
}

/** Where the edge sends notifications about its channels, and the secret that signs them. */
export interface SceneNotifications {
  readonly url: string;
  readonly secret: string;
}

/** Deploys a local Agora edge in the namespace: a Deployment, a Service, its certificate. Returns its address. */
export async function edge(
  folders: Folders,
  namespace: string,
  appId: string,
  notifications?: SceneNotifications,
): Promise<{ objects: Manifest[]; accessPoints: SceneAccessPoints }> {
  const folder = join(folders.local, 'demo', 'edge');
  await mkdir(folder, { recursive: true });
  const tls = await keptCertificate(folder);
  const objects: Manifest[] = [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `${edgeName}-tls`, namespace },
      stringData: {
        'tls.crt': tls.cert,
        'tls.key': tls.key,
        ...(notifications === undefined ? {} : { 'notification-secret': notifications.secret }),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: edgeName, namespace },
      spec: {
        selector: { app: edgeName },
        clusterIP: 'None',
        ports: [
          { name: 'edge', port: edgePort },
          { name: 'control', port: edgeControlPort },
        ],
      },
    },
    deployment(await demoImage(folders), namespace, edgeName, {
      args: [
        'edge',
        ...['--listen', '0.0.0.0', '--announce', '$(POD_IP)', '--port', String(edgePort)],
        ...['--control-host', '0.0.0.0', '--control-port', String(edgeControlPort)],
        ...['--tls-cert', '/etc/edge/tls.crt', '--tls-key', '/etc/edge/tls.key'],
        ...['--app-id', appId, '--certificate-file', '/etc/agora/appCertificate'],
        ...(notifications === undefined
          ? []
          : ['--notify-url', notifications.url, '--notify-secret-file', '/etc/edge/notification-secret']),
      ],
      env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
      readinessProbe: { httpGet: { path: '/healthz', port: edgeControlPort }, periodSeconds: 1 },
      resources: { requests: { cpu: '50m', memory: '96Mi' } },
      volumes: [{ name: 'tls', secret: { secretName: `${edgeName}-tls`, defaultMode: 0o440 } }],
      mounts: [{ name: 'tls', mountPath: '/etc/edge', readOnly: true }],
    }),
  ];
  const accessPoints = {
    hosts: [`${edgeName}.${namespace}.svc.cluster.local`],
    domain: `${namespace}.pod.cluster.local`,
    port: edgePort,
    certificatePins: [spkiPin(tls.cert)],
  };
  return { objects, accessPoints };
}

/**
 * A real Chromium with a host in each Agora channel, which publishes a clock and a beep. Several in one browser need less
 * CPU than one in each; NAME=WIDTHxHEIGHT gives a host a frame size of its own.
 */
export async function seller(
  folders: Folders,
  namespace: string,
  options: {
    readonly name?: string;
    readonly appId: string;
    readonly channels: readonly string[];
    readonly uid?: number;
    readonly picture: Picture;
    readonly accessPoints?: SceneAccessPoints;
  },
): Promise<Manifest> {
  const { appId, channels, picture, accessPoints, name = 'seller', uid = 1000 } = options;
  const flags = (flag: string, values: readonly string[]): string[] =>
    values.flatMap((value) => [flag, value]);
  return deployment(await demoImage(folders), namespace, name, {
    args: [
      'host',
      ...['--app-id', appId, '--certificate-file', '/etc/agora/appCertificate'],
      ...flags('--channel', channels),
      ...['--uid', String(uid)],
      ...['--width', String(picture.width), '--height', String(picture.height)],
      ...['--fps', String(picture.fps), '--bitrate', String(picture.bitrateKbps)],
      ...(accessPoints === undefined
        ? []
        : [
            ...flags('--access-point', accessPoints.hosts),
            ...['--domain', accessPoints.domain, '--port', String(accessPoints.port)],
            ...flags('--pin', accessPoints.certificatePins),
          ]),
    ],
    env: [{ name: 'HOME', value: '/tmp' }],
    resources: { requests: { cpu: '300m', memory: '384Mi' } },
    volumes: [],
    mounts: [],
  });
}

interface DeploymentParts {
  readonly args: readonly string[];
  readonly env: readonly unknown[];
  readonly resources: unknown;
  readonly readinessProbe?: unknown;
  readonly volumes: readonly unknown[];
  readonly mounts: readonly unknown[];
}

function deployment(image: string, namespace: string, name: string, parts: DeploymentParts): Manifest {
  const { args, env, resources, readinessProbe, volumes, mounts } = parts;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 5,
          securityContext: podSecurity,
          containers: [
            {
              name,
              image,
              imagePullPolicy: 'IfNotPresent',
              args,
              env,
              resources,
              ...(readinessProbe === undefined ? {} : { readinessProbe }),
              securityContext: containerSecurity,
              volumeMounts: [
                { name: 'tmp', mountPath: '/tmp' },
                { name: 'agora', mountPath: '/etc/agora', readOnly: true },
                ...mounts,
              ],
            },
          ],
          volumes: [
            { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
            { name: 'agora', secret: { secretName: credentialsName, defaultMode: 0o440 } },
            ...volumes,
          ],
        },
      },
    },
  };
}

/** The image of the edge and the host, as it was built last. */
export async function demoImage(folders: Folders): Promise<string> {
  const image = (await readImageList(folders.local))['demo']?.ref;
  if (image === undefined) throw new Error('image demo is not built. Run "make images" first.');
  return image;
}

/** Created once for a checkout, so that the pin in the LiveChannel stays valid. */
async function keptCertificate(folder: string): Promise<{ cert: string; key: string }> {
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  try {
    return { cert: await read('tls.crt'), key: await read('tls.key') };
  } catch {
    const made = await generateCertificate();
    await writeFile(join(folder, 'tls.crt'), made.cert);
    await writeFile(join(folder, 'tls.key'), made.key, { mode: 0o600 });
    return made;
  }
}
