import { liveChannelSchema, type LiveChannel } from '../../../src/api/live-channel.ts';
import { API_VERSION } from '../../../src/api/names.ts';
import type { AskedPlatform } from '../../../src/audit/audit.ts';
import type { StreamRecord } from '../../../src/api/stream-records.ts';
import {
  streamId,
  type ObservedStream,
  type StreamAnalytics,
  type StreamOwner,
} from '../../../src/platforms/platform.ts';

export function record(record: Partial<StreamRecord> = {}): StreamRecord {
  return {
    role: 'active',
    platform: 'ivs',
    name: 'lc-1',
    id: 'stream-1',
    attempt: 'one',
    since: '2026-11-01T00:00:00Z',
    ...record,
  };
}

/** A channel that records these streams. Its uid is uid-NAME. */
export function channel(
  name: string,
  records: readonly StreamRecord[],
  parts: { spec?: object; status?: object } = {},
): LiveChannel {
  const uid = `uid-${name}`;
  return liveChannelSchema.parse({
    apiVersion: API_VERSION,
    kind: 'LiveChannel',
    metadata: {
      namespace: 'shop',
      name,
      uid,
    },
    spec: { agora: { credentialsRef: { name: 'agora' } }, ...parts.spec },
    status: { ...parts.status, streams: records },
  });
}

/** A stream that is off air, created for shop/auction on the platform ivs. */
export function stream(
  id: string,
  { owner, ...observed }: Partial<Omit<ObservedStream, 'owner'>> & { owner?: Partial<StreamOwner> } = {},
): ObservedStream {
  return {
    id: streamId(id),
    name: 'lc-1',
    owner: {
      clusterId: 'c',
      platform: 'ivs',
      channelUid: 'uid-auction',
      channel: 'shop/auction',
      ...owner,
    },
    live: false,
    liveSince: undefined,
    viewers: undefined,
    ingestBitrateKbps: undefined,
    createdAt: undefined,
    ...observed,
  };
}

export function asked(
  streams: readonly ObservedStream[],
  {
    name = 'ivs',
    spec = { provider: 'ivs' },
    viewers = {},
  }: {
    name?: string;
    spec?: AskedPlatform['spec'];
    viewers?: Record<string, number | undefined>;
  } = {},
): AskedPlatform {
  const analytics = new Map(
    Object.entries(viewers).map(([id, count]): [ReturnType<typeof streamId>, StreamAnalytics] => [
      streamId(id),
      { viewers: count, ingestBitrateKbps: undefined },
    ]),
  );
  return { name, spec, answer: { ok: true, streams, analytics } };
}

export function silent(name: string): AskedPlatform {
  const problem = { reason: 'CredentialsRejected', message: 'AWS refused the key.' } as const;
  return { name, spec: { provider: 'ivs' }, answer: { ok: false, problem } };
}
