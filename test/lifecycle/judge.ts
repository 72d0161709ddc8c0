import type { LiveChannel } from '../../src/api/live-channel.ts';
import type { StreamingPlatform } from '../../src/api/streaming-platform.ts';
import { streamRecords, type StreamRecord } from '../../src/api/stream-records.ts';
import { podFacts } from '../../src/channel/pod/pod-facts.ts';
import { relaySecretKeys } from '../../src/channel/pod/relay-config.ts';
import { relaySecretName } from '../../src/channel/pod/relay-pod.ts';
import type { Pod, Secret } from '../../src/kube/core-types.ts';
import { ownerOf } from '../../src/platforms/owner-tags.ts';
import type { StreamOwner } from '../../src/platforms/platform.ts';
import { streamName } from '../../src/platforms/stream-name.ts';
import type { CloudStream } from '../fixtures/clouds/contract.ts';
import type { Diary, Life } from './diary.ts';
import type { Place, Wish } from './plan.ts';
import type { LifecycleProvider, StandIn } from './stand-in.ts';

export interface SeenStream extends CloudStream {
  readonly provider: LifecycleProvider;
}

/** The whole state at one moment. */
export interface Seen {
  readonly channels: readonly LiveChannel[];
  readonly pods: readonly Pod[];
  readonly secrets: readonly Secret[];
  readonly platforms: readonly StreamingPlatform[];
  readonly streams: readonly SeenStream[];
}

/** What does not change between observations. */
export interface Setting {
  readonly clusterId: string;
  readonly platforms: Readonly<Record<Place, string>>;
  readonly standIns: Readonly<Record<Place, StandIn>>;
  /** IDs of the foreign streams, with their initial state. */
  readonly foreign: ReadonlyMap<string, string>;
}

export interface Finding {
  readonly kind: 'leak' | 'double' | 'foreign' | 'state';
  /** The affected lifecycle, if any. */
  readonly diary: Diary | undefined;
  readonly says: string;
}

/** All deviations from the desired state; empty when there are none. */
export function judge(diaries: readonly Diary[], seen: Seen, setting: Setting): readonly Finding[] {
  const strangers = seen.streams.filter(({ id }) => !setting.foreign.has(id));
  return [
    ...diaries.flatMap((diary) => judgeChannel(diary, seen, setting)),
    ...judgeOwned(diaries, seen, strangers, setting),
    ...diaries.flatMap((diary) => judgeRetained(diary, strangers, setting)),
    ...judgeForeign(seen, setting),
  ];
}

/** The text by which a foreign stream is compared. */
export function textOf({ id, name, tags, live, ingestUrl, streamKey }: CloudStream): string {
  return JSON.stringify({ id, name, tags, live, ingestUrl, streamKey });
}

function ourOwner({ tags }: CloudStream, { clusterId }: Setting): StreamOwner | undefined {
  const owner = ownerOf(tags);
  return owner?.clusterId === clusterId ? owner : undefined;
}

/** A second stream must never be created, even if the sweep would find it later. */
export function judgeCreates(diaries: readonly Diary[], setting: Setting): readonly Finding[] {
  return diaries.flatMap((diary) => createsOf(diary, setting));
}

function createsOf(diary: Diary, { standIns: { home, away } }: Setting): Finding[] {
  const lives = [...diary.lives.values()].filter(({ tampered }) => !tampered);
  return [home, away].flatMap(({ journal }) =>
    journal.creates
      .filter(({ asked, beside }) => beside.length > 0 && lives.some(({ uid }) => asked.includes(uid)))
      .map(({ made, beside }): Finding => {
        return {
          kind: 'double',
          diary,
          says: `${String(made)} was created although ${beside.join(', ')} existed`,
        };
      }),
  );
}

function judgeForeign({ streams }: Seen, { foreign }: Setting): Finding[] {
  return [...foreign].flatMap(([id, before]): Finding[] => {
    const now = streams.find((stream) => stream.id === id);
    if (now !== undefined && textOf(now) === before) return [];
    const says = `foreign stream ${id} was ${before} and is ${now === undefined ? 'gone' : textOf(now)}`;
    return [{ kind: 'foreign', diary: undefined, says }];
  });
}

/** Each stream with our tag must belong to an existing channel, or be reported if its channel was tampered with. */
function judgeOwned(
  diaries: readonly Diary[],
  { platforms, channels }: Seen,
  strangers: readonly SeenStream[],
  setting: Setting,
): Finding[] {
  const findings: Finding[] = [];
  const orphans = new Map<string, number>();
  const there = new Set(channels.map(({ metadata }) => metadata.uid));
  for (const stream of strangers) {
    const owner = ourOwner(stream, setting);
    if (owner === undefined || there.has(owner.channelUid)) continue;
    const diary = diaries.find(({ lives }) => lives.has(owner.channelUid));
    const life = diary?.lives.get(owner.channelUid);
    const platform = platforms.find(({ metadata }) => metadata.name === owner.platform);
    if (life?.tampered === true && platform?.spec.orphanPolicy === 'Report')
      orphans.set(owner.platform, (orphans.get(owner.platform) ?? 0) + 1);
    else
      findings.push({
        kind: 'leak',
        diary,
        says: `stream ${stream.id} on ${owner.platform} belongs to channel ${owner.channelUid}, which is gone`,
      });
  }
  for (const { metadata, status } of platforms) {
    const left = orphans.get(metadata.name) ?? 0;
    if ((status?.orphanedStreams ?? 0) !== left)
      findings.push({
        kind: 'state',
        diary: undefined,
        says: `${metadata.name} reports ${String(status?.orphanedStreams)} orphaned streams and has ${String(left)}`,
      });
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status !== 'True')
      findings.push({
        kind: 'state',
        diary: undefined,
        says: `${metadata.name} is not ready: ${ready?.reason ?? 'no condition'} ${ready?.message ?? ''}`,
      });
  }
  return findings;
}

/** Retained streams, which are released from ownership: exactly those that were to be retained. */
function judgeRetained(diary: Diary, strangers: readonly SeenStream[], setting: Setting): Finding[] {
  return [...diary.lives.values()].flatMap((life): Finding[] => {
    const made = new Set(Object.values(setting.standIns).flatMap(({ journal }) => journal.madeFor(life.uid)));
    const kept = strangers.filter((each) => made.has(each.id) && ourOwner(each, setting) === undefined);
    const { least, most } = keeps(life);
    const ids = kept.map(({ id }) => id).join(', ');
    if (kept.length > most)
      return [{ kind: 'leak', diary, says: `channel ${life.uid} has left unowned streams: ${ids}` }];
    if (kept.length < least)
      return [{ kind: 'state', diary, says: `channel ${life.uid} was to retain a stream, but none is left` }];
    return [];
  });
}

function keeps({ end, tampered }: Life): { least: number; most: number } {
  if (end?.retain !== true) return { least: 0, most: 0 };
  const had = end.records.some(({ role, id }) => role === 'active' && id !== undefined);
  return { least: had && end.hasOne && !tampered ? 1 : 0, most: 1 };
}

function judgeChannel(diary: Diary, seen: Seen, setting: Setting): Finding[] {
  const { wish, name } = diary;
  const channel = seen.channels.find(({ metadata }) => metadata.name === name);
  const pods = seen.pods.filter((pod) => ofChannel(pod, name));
  const secrets = seen.secrets.filter((secret) => ofChannel(secret, name));
  if (wish === undefined || channel === undefined) {
    const left = [channel, ...pods, ...secrets].flatMap((each) =>
      each === undefined ? [] : [`${each.kind} ${each.metadata.name}`],
    );
    if (wish !== undefined) left.push('the channel does not exist, although it is desired');
    return left.map((says) => ({ kind: 'state', diary, says }));
  }
  const streams = seen.streams.filter(
    (stream) => ourOwner(stream, setting)?.channelUid === channel.metadata.uid,
  );
  if (wish.mode === 'agora-only') {
    const problems = [
      ...[...pods, ...secrets].map(({ kind, metadata }) => `${kind} ${metadata.name} still exists`),
      ...streams.map(({ id, provider }) => `stream ${id} on ${provider} still exists`),
      ...(streamRecords(channel).length > 0 ? ['a stream is still recorded'] : []),
      ...statusProblems(channel, 'False', wish.suspend ? 'Suspended' : 'AgoraOnly', 'stopped'),
    ];
    return problems.map((says) => ({ kind: 'state', diary, says }));
  }
  const double: Finding[] =
    streams.length > 1
      ? [
          {
            kind: 'double',
            diary,
            says: streams.map(({ id, provider }) => `${id} on ${provider}`).join(', '),
          },
        ]
      : [];
  const problems = onePlace(wish, channel, streams, pods, secrets, setting);
  return [...double, ...problems.map((says): Finding => ({ kind: 'state', diary, says }))];
}

function ofChannel({ metadata }: Pod | Secret, name: string): boolean {
  return metadata.labels?.['livechannel.dev/channel'] === name;
}

/** One stream on the desired platform, one Secret that points to it, and one relay that pushes to it, or none. */
function onePlace(
  wish: Wish,
  channel: LiveChannel,
  streams: readonly SeenStream[],
  pods: readonly Pod[],
  secrets: readonly Secret[],
  { clusterId, platforms, standIns }: Setting,
): string[] {
  const platform = platforms[wish.platform];
  const { provider } = standIns[wish.platform];
  const name = streamName({ clusterId, channelUid: channel.metadata.uid, platform }, wish.playback);
  const [stream] = streams;
  const records = streamRecords(channel);
  const [record] = records;
  if (stream === undefined || record === undefined || records.length > 1)
    return [`${String(records.length)} streams are recorded, ${String(streams.length)} exist`];
  const problems = [
    ...differences('stream', { provider: stream.provider, name: stream.name }, { provider, name }),
    ...differences('record', pickOf(record), { platform, name, role: 'active', id: stream.id }),
    ...secretProblems(channel, record, stream, secrets),
  ];
  const facts = pods.map((pod) => podFacts(pod));
  if (wish.suspend) {
    problems.push(...facts.map((pod) => `pod ${pod.name} still exists`));
    if (stream.live) problems.push('the stream still has a publisher');
    return [...problems, ...statusProblems(channel, 'False', 'Suspended', 'stopped', stream.id)];
  }
  const [pod] = facts;
  if (pod === undefined || facts.length > 1) problems.push(`the channel has ${String(facts.length)} pods`);
  else if (!pod.ready || pod.deleting || pod.slot !== record.slot)
    problems.push(`pod ${pod.name} is not ready, is terminating, or is not in slot ${String(record.slot)}`);
  if (!stream.live) problems.push('the stream has no publisher');
  return [...problems, ...statusProblems(channel, 'True', 'Live', 'active', stream.id)];
}

const pickOf = ({ platform, name, role, id }: StreamRecord): object => ({ platform, name, role, id });

function secretProblems(
  channel: LiveChannel,
  record: StreamRecord,
  stream: SeenStream,
  secrets: readonly Secret[],
): string[] {
  const [secret] = secrets;
  if (secret === undefined || secrets.length > 1)
    return [`the channel has ${String(secrets.length)} Secrets`];
  const { metadata, data = {} } = secret;
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
  return differences(
    'Secret',
    {
      name: metadata.name,
      url: text(relaySecretKeys.ingestUrl),
      key: text(relaySecretKeys.streamKey),
    },
    {
      name: relaySecretName(channel.metadata.name, record.slot ?? -1),
      url: stream.ingestUrl,
      key: stream.streamKey,
    },
  );
}

function statusProblems(
  { status, metadata }: LiveChannel,
  ready: string,
  reason: string,
  relayStatus: string,
  streamId?: string,
): string[] {
  const condition = (type: string) => status?.conditions?.find((each) => each.type === type);
  const is = {
    ready: condition('Ready')?.status,
    reason: condition('Ready')?.reason,
    relayStatus: status?.relayStatus,
    streamId: status?.streamId,
    fallback: condition('FallbackActive')?.status,
    generation: status?.observedGeneration,
  };
  const wanted = { ready, reason, relayStatus, streamId, fallback: 'False', generation: metadata.generation };
  return differences('status', is, wanted);
}

function differences(what: string, is: object, wanted: object): string[] {
  const [found, expected] = [JSON.stringify(is), JSON.stringify(wanted)];
  return found === expected ? [] : [`${what} is ${found}, expected ${expected}`];
}
