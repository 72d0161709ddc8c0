import type { LiveChannel } from '../../src/api/live-channel.ts';
import { annotations } from '../../src/api/names.ts';
import { streamRecords } from '../../src/api/stream-records.ts';
import { relayPodName, relaySecretName } from '../../src/channel/pod/relay-pod.ts';
import { liveChannelType } from '../../src/api/kinds.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import type { Clock } from '../../src/base/clock.ts';
import { podType, secretType, type Pod } from '../../src/kube/core-types.ts';
import { ApiError, isNotFound } from '../../src/kube/errors.ts';
import type { KubeObject, ResourceType } from '../../src/kube/resource.ts';
import type { Diary } from './diary.ts';
import type { Action, Place, Wait, Wish } from './plan.ts';

export interface Theatre {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly evict: (pod: Pod) => Promise<void>;
  /** Names of the StreamingPlatforms. */
  readonly platforms: Readonly<Record<Place, string>>;
  readonly signal: AbortSignal;
}

type Written = KubeObject & { readonly spec?: object };
const { parse: _parse, ...writtenType } = liveChannelType;
const written: ResourceType<Written> = writtenType;
const lookMs = 1_000;

/** Plays a lifecycle as a user of kubectl would, without knowledge of the operator. */
export async function play(diary: Diary, theatre: Theatre): Promise<void> {
  for (const { wait, action } of diary.plan.steps) {
    await pause(diary, wait, theatre);
    if (theatre.signal.aborted) return;
    diary.write(describe(action));
    diary.actions += 1;
    await act(diary, action, theatre);
  }
}

async function pause(diary: Diary, { ms, settled }: Wait, theatre: Theatre): Promise<void> {
  const { clock, client, signal } = theatre;
  const end = clock.monotonic() + ms;
  if (!settled) {
    await clock.sleep(ms, signal);
    return;
  }
  while (clock.monotonic() < end && !signal.aborted) {
    if (isSettled(diary.wish, await client.get(liveChannelType, diary.ref))) return;
    await clock.sleep(2 * lookMs, signal);
  }
}

function isSettled(wish: Wish | undefined, channel: LiveChannel | undefined): boolean {
  if (wish === undefined || channel === undefined) return wish === channel;
  const { metadata, status } = channel;
  const onAir = !wish.suspend && wish.mode !== 'agora-only';
  const [record, ...others] = streamRecords(channel);
  return (
    status?.observedGeneration === metadata.generation &&
    status?.relayStatus === (onAir ? 'active' : 'stopped') &&
    others.length === 0 &&
    (record !== undefined) === (wish.mode !== 'agora-only')
  );
}

async function act(diary: Diary, action: Action, theatre: Theatre): Promise<void> {
  const { client } = theatre;
  const { ref } = diary;
  switch (action.do) {
    case 'apply':
      return apply(diary, action.wish, theatre);
    case 'delete':
      return remove(diary, action.force, client);
    case 'rotate-key':
      await patch(client, ref, { annotations: { [annotations.rotateKey]: action.value } });
      return;
    case 'drop-finalizer':
      tamper(diary);
      await patch(client, ref, { finalizers: null });
      return;
    case 'drop-records':
      tamper(diary);
      await patchStatus(client, ref, { streams: null });
      return;
    case 'drop-status':
      tamper(diary);
      await patchStatus(client, ref, null);
      return;
    case 'delete-secret':
      await client.delete(secretType, { ...ref, name: relaySecretName(ref.name, action.slot) });
      return;
    case 'delete-pod':
      await client.delete(podType, { ...ref, name: relayPodName(ref.name, action.slot) });
      return;
    case 'evict-pod': {
      const pod = await client.get(podType, { ...ref, name: relayPodName(ref.name, action.slot) });
      if (pod !== undefined) await theatre.evict(pod);
      return;
    }
  }
}

function tamper(diary: Diary): void {
  if (diary.uid !== undefined) diary.life(diary.uid).tampered = true;
}

/** A terminating channel of that name must be gone first: kubectl would change the old one. */
async function apply(diary: Diary, wish: Wish, theatre: Theatre): Promise<void> {
  const { client, clock, platforms, signal } = theatre;
  while (diary.wish === undefined && !signal.aborted) {
    if ((await client.get(written, diary.ref)) === undefined) break;
    await clock.sleep(lookMs, signal);
  }
  diary.wish = wish;
  const { metadata } = await client.apply(written, { metadata: diary.ref, spec: specOf(wish, platforms) });
  diary.uid = metadata.uid;
  diary.life(metadata.uid);
}

async function remove(diary: Diary, force: boolean, client: KubeClient): Promise<void> {
  diary.wish = undefined;
  const before = await client.get(liveChannelType, diary.ref);
  await client.delete(liveChannelType, diary.ref);
  const going = await client.get(liveChannelType, diary.ref);
  const last = going ?? before;
  if (last === undefined) return;
  const life = diary.life(last.metadata.uid);
  const { deletionPolicy, streamMode } = last.spec;
  const hasOne = streamMode !== 'agora-only' && going !== undefined;
  life.end = { retain: deletionPolicy === 'Retain', hasOne, records: streamRecords(last) };
  if (!force) return;
  life.tampered = true;
  await patch(client, diary.ref, { finalizers: null });
}

export function specOf(wish: Wish, platforms: Readonly<Record<Place, string>>): object {
  const { platform, fallbackPlatform } = wish;
  return {
    agora: { credentialsRef: { name: 'agora' } },
    streamMode: wish.mode,
    suspend: wish.suspend,
    platformRef: { name: platforms[platform] },
    ...(fallbackPlatform === undefined ? {} : { fallbackPlatformRef: { name: platforms[fallbackPlatform] } }),
    fallback: { mode: wish.fallbackToAgora ? 'agora-only' : 'none', afterSeconds: 10 },
    playback: wish.playback,
    relay: { maxResolution: wish.maxResolution },
    priority: wish.priority,
    deletionPolicy: wish.deletionPolicy,
  };
}

/** As `kubectl edit --subresource=status`. */
function patchStatus(client: KubeClient, ref: Diary['ref'], status: object | null): Promise<void> {
  return unlessGone(client.patchMerge(written, ref, { status }, { subresource: 'status' }));
}

function patch(client: KubeClient, ref: Diary['ref'], metadata: object): Promise<void> {
  return unlessGone(client.patchMerge(written, ref, { metadata }));
}

/** Does nothing when the channel does not exist. */
async function unlessGone(change: Promise<unknown>): Promise<void> {
  try {
    await change;
  } catch (error) {
    const raced = error instanceof ApiError && (error.isConflict || error.isInvalid);
    if (!isNotFound(error) && !raced) throw error;
  }
}

export function describe(action: Action): string {
  if (action.do !== 'apply') return JSON.stringify(action);
  const { playback, ...wish } = action.wish;
  return `apply ${JSON.stringify({ ...wish, ...playback })}`;
}
