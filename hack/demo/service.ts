import { z } from 'zod';
import { systemNamespace, releaseName, nodeAddress } from './release.ts';
import { credentialsName, type SceneAccessPoints } from './agora-scene.ts';
import type { Kubectl } from './kubectl.ts';

/** Node port on which the service is reached from outside the cluster. */
const apiNodePort = 30081;

/** The chart's values for a service with a database for trials, whose channels are in this namespace. */
export function serviceValues(
  namespace: string,
  accessPoints?: SceneAccessPoints,
): Readonly<Record<string, unknown>> {
  return {
    'api.enabled': true,
    'api.namespace': namespace,
    'api.agoraSecret': credentialsName,
    'api.service.type': 'NodePort',
    'api.service.nodePort': apiNodePort,
    'database.embedded.enabled': true,
    // A cluster on a developer's machine may not be able to provision volumes.
    'database.embedded.persistence.enabled': false,
    ...(accessPoints === undefined ? {} : { 'api.agoraAccessPoints': accessPoints }),
  };
}

export async function serviceUrl(kubectl: Kubectl): Promise<string> {
  return `http://${await nodeAddress(kubectl)}:${String(apiNodePort)}`;
}

/** Waits until the database has its tables. Requests that need them fail until then. */
export async function waitForDatabase(kubectl: Kubectl, seconds = 180): Promise<void> {
  const label = `app.kubernetes.io/component=migrate,app.kubernetes.io/instance=${releaseName}`;
  const timeout = `--timeout=${String(seconds)}s`;
  await kubectl.run([
    ...['-n', systemNamespace, 'wait', '--for=condition=complete', 'job', '-l', label, timeout],
  ]);
}

/** The command that creates an API key and prints it, as arguments of kubectl. */
export const makeApiKey = (name: string, scope: 'playback' | 'operate' | 'admin'): readonly string[] => [
  ...['-n', systemNamespace, 'exec', `deploy/${releaseName}-api`, '--'],
  ...['/usr/local/bin/node', '/app/livechannel.mjs', 'api-key', 'create', '--name', name, '--scope', scope],
];

const ticketSchema = z.object({ ticket: z.string() });

/** A seller's ticket for the channel, with which a browser also starts and stops it; for 12 hours. */
export async function sellerTicket(apiUrl: string, apiKey: string, channel: string): Promise<string> {
  const response = await fetch(`${apiUrl}/v1/channels/${channel}/tickets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ role: 'seller', ttlSeconds: 43_200, grants: ['start', 'stop'] }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`no ticket: ${String(response.status)} ${await response.text()}`);
  return ticketSchema.parse(await response.json()).ticket;
}
