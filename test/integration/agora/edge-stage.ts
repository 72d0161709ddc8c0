import { startAudience, type Audience } from '../../fixtures/agora/audience.ts';
import { startEdge, type Edge, type EdgeOptions } from '../../fixtures/agora/edge.ts';
import type { StreamState } from '../../fixtures/agora/edge-state.ts';
import { startHost, type Host } from '../../fixtures/agora/host.ts';
import type { AccessPoints } from '../../fixtures/agora/host-page/protocol.ts';

export const app = { appId: 'a'.repeat(32), appCertificate: '0123456789abcdef0123456789abcdef' };
export const channel = 'shop';
export const hostUid = 1000;
export const viewerUid = 2000;

/** Small, so that two browsers and the encoder leave the machine some room. */
const PICTURE = { width: 480, height: 270, fps: 15, bitrateKbps: 500 };

/** What came to pass at the edge, in order. */
export interface EdgeStage {
  readonly edge: Edge;
  readonly events: { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[];
}

export async function openStage(options: Partial<EdgeOptions> = {}): Promise<EdgeStage> {
  const events: EdgeStage['events'] = [];
  const edge = await startEdge({
    apps: [app],
    ...options,
    log: (event, fields) => {
      events.push({ event, fields });
    },
  });
  return { edge, events };
}

export function accessPointsOf(edge: Edge): AccessPoints {
  return { hosts: ['127.0.0.1'], domain: 'localhost', port: edge.port };
}

export function hostOf(edge: Edge): Promise<Host> {
  return startHost({
    app,
    channel,
    uid: hostUid,
    accessPoints: accessPointsOf(edge),
    pins: [edge.pin],
    ...PICTURE,
  });
}

export function viewerOf(edge: Edge, token?: string): Promise<Audience> {
  return startAudience({
    app,
    channel,
    uid: viewerUid,
    accessPoints: accessPointsOf(edge),
    pins: [edge.pin],
    token,
  });
}

/** The host's stream as the edge sees it; undefined while it is not published. */
export function streamOf(edge: Edge, kind: 'audio' | 'video'): StreamState | undefined {
  const users = edge.state().channels.find(({ name }) => name === channel)?.users ?? [];
  return users.find(({ uid }) => uid === hostUid)?.streams.find((stream) => stream.kind === kind);
}
