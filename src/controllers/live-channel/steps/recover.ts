import { legacyStreamHints, type StreamHint } from '../../../api/annotations/legacy-stream-records.ts';
import { liveChannelType } from '../../../api/kinds.ts';
import { annotations } from '../../../api/names.ts';
import { recoveredRecords, type FoundStream } from '../../../channel/plan/recovered-records.ts';
import type { OpenPlatform } from '../../../cluster/platform-directory.ts';
import { ownerOf } from '../../../cluster/stream-ownership.ts';
import { PlatformError } from '../../../platforms/errors.ts';
import { isSameOwner } from '../../../platforms/owner-tags.ts';
import { streamId } from '../../../platforms/platform.ts';
import { done, type StepContext, type StepOutcome } from '../deps.ts';
import { writeRecords } from './stream-records.ts';

/**
 * Rebuilds the records of a channel whose status lost them, from the streams that the platforms say are the channel's: after
 * the status was edited, and once after the upgrade from a version that kept the records in an annotation. The annotation is
 * removed.
 *
 * Throws while a platform that the channel may have a stream on does not answer: the status is left as it is, and the relay
 * goes on.
 */
export async function recoverRecords(context: StepContext): Promise<StepOutcome> {
  const { channel, state, deps, signal } = context;
  const { desired, unowned } = state.observed;
  const hints = legacyStreamHints(channel);
  deps.creates.recordsLost(channel.metadata.uid);
  const records = recoveredRecords(
    await findStreams(context, hints),
    {
      channel,
      hints,
      desired: desired.ok ? { platform: desired.value.platform.name, name: desired.value.name } : undefined,
      slot: unowned.find(({ pod }) => pod !== undefined)?.slot,
    },
    deps.clock.now(),
  );
  await writeRecords(context, records);
  const current = deps.objects.channel(channel.metadata);
  if (current?.metadata.annotations?.[annotations.streams] === undefined) return done;
  const patch = { metadata: { uid: channel.metadata.uid, annotations: { [annotations.streams]: null } } };
  deps.objects.rememberChannel(
    await deps.client.patchMerge(liveChannelType, channel.metadata, patch, { signal }),
  );
  return done;
}

/** The channel's streams on all platforms. */
async function findStreams(
  context: StepContext,
  hints: readonly StreamHint[],
): Promise<readonly FoundStream[]> {
  const { deps, signal } = context;
  const named = namedPlatforms(context, hints);
  const found = await Promise.all(
    [...new Set([...deps.platforms.names(), ...named])].map(async (name) => {
      const opened = await deps.platforms.open(name, signal);
      if (opened.ok)
        return streamsOn(context, opened.value, hints).catch((error: unknown) => {
          // The sweep finds what is there once the platform is back.
          if (error instanceof PlatformError && !named.has(name)) return [];
          throw error;
        });
      // A platform that no longer exists has no streams that could be found.
      if (opened.problem.reason === 'PlatformNotFound' || !named.has(name)) return [];
      throw new PlatformError('PlatformUnavailable', opened.problem.message, { retryable: true });
    }),
  );
  return found.flat();
}

/** The platforms that the channel's own objects name: it probably has its streams there. */
function namedPlatforms({ channel, state }: StepContext, hints: readonly StreamHint[]): ReadonlySet<string> {
  const { spec, status } = channel;
  const { desired } = state.observed;
  const names = [
    status?.streamingPlatform,
    spec.platformRef?.name,
    spec.fallbackPlatformRef?.name,
    desired.ok ? desired.value.platform.name : undefined,
    ...hints.map(({ platform }) => platform),
  ];
  return new Set(names.filter((name) => name !== undefined));
}

/** What is listed with the channel's tag, and what is known to have existed and may not be listed yet. */
async function streamsOn(
  { channel, deps, signal }: StepContext,
  platform: OpenPlatform,
  hints: readonly StreamHint[],
): Promise<readonly FoundStream[]> {
  const { name, driver } = platform;
  const owner = ownerOf(channel, name, deps.clusterId);
  const listing = await deps.platforms.firstListing(platform, signal);
  const listed = [...listing.streams.values()].filter((stream) => isSameOwner(stream.owner, owner));
  const { status } = channel;
  // Where streams are not listed, their IDs are their names.
  const ids = [
    ...(status?.streamingPlatform === name && status.streamId !== undefined ? [status.streamId] : []),
    ...hints.filter((hint) => hint.platform === name).map((hint) => hint.name),
  ].filter((id) => !listed.some((stream) => stream.id === id || stream.name === id));
  const observed = await Promise.all(
    ids.map((id) => driver.observeStream({ id: streamId(id), owner }, signal)),
  );
  return [...listed, ...observed.filter((stream) => stream !== undefined)].map(
    ({ id, name: streamName, createdAt }) => ({ platform: name, name: streamName, id, createdAt }),
  );
}
