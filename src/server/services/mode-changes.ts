import { channelIdOf } from '../../api/channel-id.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import { mapConcurrent } from '../../base/map-concurrent.ts';
import { includesLabels } from '../contract/labels.ts';
import type { ModeChange, ModeChangeResult } from '../contract/modes.ts';
import type { ChannelPatch } from './channel-draft.ts';
import type { ChannelWriter } from './channel-writer.ts';
import { asProblem } from './kube-problems.ts';

/** A thousand channels take some seconds, and the API server has room for others. */
const MAX_CONCURRENT_WRITES = 16;

/** The merge patch with which a channel has the mode; undefined if it has it already. */
export function modePatch(
  { metadata, spec }: LiveChannel,
  { streamMode, override }: Pick<ModeChange, 'streamMode' | 'override'>,
): ChannelPatch | undefined {
  const overrides = metadata.annotations?.[annotations.modeOverride];
  const changesMode = streamMode !== undefined && streamMode !== spec.streamMode;
  const changesOverride = override !== undefined && (override ?? undefined) !== overrides;
  if (!changesMode && !changesOverride) return undefined;
  return {
    ...(changesMode ? { spec: { streamMode } } : {}),
    ...(changesOverride ? { metadata: { annotations: { [annotations.modeOverride]: override } } } : {}),
  };
}

/** Changes the mode of each of these channels that differs. One that cannot be changed does not keep the others. */
export async function changeModes(
  channels: readonly LiveChannel[],
  change: ModeChange,
  writer: Pick<ChannelWriter, 'change'>,
  signal: AbortSignal,
): Promise<ModeChangeResult> {
  const matching = channels.filter(
    ({ metadata }) =>
      metadata.deletionTimestamp === undefined && includesLabels(metadata.labels, change.labels ?? {}),
  );
  const due = matching.flatMap((channel) => {
    const patch = modePatch(channel, change);
    return patch === undefined ? [] : [{ id: channelIdOf(channel.metadata), patch }];
  });
  const failed: ModeChangeResult['failed'] = [];
  await mapConcurrent(due, MAX_CONCURRENT_WRITES, async ({ id, patch }) => {
    try {
      await writer.change(id, patch, undefined, signal);
    } catch (error) {
      const { code, detail } = asProblem(error, `change channel ${id}`);
      // It was deleted in the meantime: nothing is left to change.
      if (code !== 'channel-not-found') failed.push({ channelId: id, code, detail });
    }
  });
  return { matched: matching.length, changed: due.length - failed.length, failed };
}
