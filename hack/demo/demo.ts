import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { liveChannelStatusSchema } from '../../src/api/live-channel.ts';
import { API_VERSION } from '../../src/api/names.ts';
import { waitUntil } from '../cluster/wait-until.ts';
import type { Report } from '../tools/report.ts';
import type { Folders } from '../tools/folders.ts';
import { credentials, credentialsName, edge, seller } from './agora-scene.ts';
import type { Kubectl } from './kubectl.ts';
import { fetchPlaylist, newestSegment } from './playback.ts';
import { publicUrl, ensureNamespace, installRelease } from './release.ts';
import { serviceValues } from './service.ts';
import type { DemoSettings } from './settings.ts';

const channelSchema = z.object({ status: liveChannelStatusSchema.optional() });

export const demoNamespace = 'live-demo';
export const demoChannel = 'show-1';

/** From an empty cluster to a channel on air. */
export async function startDemo(
  folders: Folders,
  kubectl: Kubectl,
  settings: DemoSettings,
  report: Report,
): Promise<{ playbackUrl: string }> {
  const namespace = demoNamespace;
  await ensureNamespace(kubectl, namespace);
  const app = settings.agora ?? (await localApp(kubectl, namespace));
  const local = settings.agora === undefined ? await edge(folders, namespace, app.appId) : undefined;
  const accessPoints = local === undefined ? {} : { accessPoints: local.accessPoints };
  await installRelease(folders, kubectl, report, {
    ...serviceValues(namespace, local?.accessPoints),
    // The pages of examples/live-shop, which call the service with tickets.
    'api.corsOrigins': ['http://localhost:3000'],
    // The player's page plays the demo's channel without a ticket; the origin has no TLS here.
    'api.publicPlayback': true,
    'api.embedMediaOrigins': [await publicUrl(kubectl)],
  });
  report(
    `demo: starting a host (${settings.agora === undefined ? 'on a local Agora edge' : "on Agora's own service"})`,
  );
  await kubectl.apply(
    credentials(namespace, app.appId, app.appCertificate),
    ...(local?.objects ?? []),
    await seller(folders, namespace, {
      appId: app.appId,
      channels: [settings.agoraChannel],
      picture: settings.picture,
      ...accessPoints,
    }),
  );
  report(`demo: kubectl apply LiveChannel ${namespace}/${demoChannel}`);
  await kubectl.apply({
    apiVersion: API_VERSION,
    kind: 'LiveChannel',
    metadata: { name: demoChannel, namespace },
    spec: {
      agora: {
        channelName: settings.agoraChannel,
        credentialsRef: { name: credentialsName },
        ...accessPoints,
      },
    },
  });
  const playbackUrl = await waitForPlayback(kubectl, namespace, demoChannel, 180_000, report);
  return { playbackUrl };
}

/** The app id and certificate of the local edge: those of the demo that is up already, or new ones. */
async function localApp(
  kubectl: Kubectl,
  namespace: string,
): Promise<{ appId: string; appCertificate: string }> {
  const kept = async (key: string): Promise<string> =>
    Buffer.from(
      await kubectl.field('secret', credentialsName, namespace, `.data.${key}`),
      'base64',
    ).toString();
  const [appId, appCertificate] = [await kept('appId'), await kept('appCertificate')];
  const random = (): string => randomBytes(16).toString('hex');
  return appId === '' ? { appId: random(), appCertificate: random() } : { appId, appCertificate };
}

/** Waits until the channel is on air and its playlist advances, and logs what it waits for. */
async function waitForPlayback(
  kubectl: Kubectl,
  namespace: string,
  name: string,
  deadlineMs: number,
  report: Report,
): Promise<string> {
  let said = '';
  const url = await waitUntil(
    'the channel is active',
    deadlineMs,
    async () => {
      const { status } = channelSchema.parse(await kubectl.get('livechannel', name, namespace));
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      const now =
        ready === undefined
          ? 'waiting for the operator'
          : `${status?.relayStatus ?? 'starting'}: ${[ready.reason, ready.message].join(' ').trim()}`;
      if (now !== said) report(`demo:   ${now}`);
      said = now;
      return status?.relayStatus === 'active' ? status.hlsPlaybackUrl : undefined;
    },
    500,
  );
  report(`demo: waiting until ${url} advances`);
  let first: number | undefined;
  await waitUntil(
    'the playlist advances',
    30_000,
    async () => {
      const playlist = await fetchPlaylist(url);
      if (playlist === undefined) return undefined;
      first ??= newestSegment(playlist);
      return newestSegment(playlist) > first ? true : undefined;
    },
    250,
  );
  return url;
}
