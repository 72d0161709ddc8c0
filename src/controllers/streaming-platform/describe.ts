import type { Condition } from '../../api/metadata.ts';
import type { Reason } from '../../api/reasons.ts';
import type { StreamingPlatform, StreamingPlatformStatus } from '../../api/streaming-platform.ts';
import type { Problem } from '../../channel/state.ts';
import { setCondition } from '../../api/conditions.ts';
import type { ObservedStream } from '../../platforms/platform.ts';
import type { Capacity } from '../platforms/stream-quota.ts';
import { listUsers } from './users.ts';

/** The result of a check of the platform. `streams` and `orphans` are undefined if they could not be listed. */
export interface PlatformChecked {
  readonly problem?: Problem;
  readonly streams?: readonly ObservedStream[];
  readonly orphans?: readonly ObservedStream[];
  /** undefined if the platform could not be opened. */
  readonly capacity?: Pick<Capacity, 'maxStreams'>;
}

/** The status of a platform, from the result of its check. `users`: the channels that block its deletion. */
export function describePlatform(
  resource: StreamingPlatform,
  { problem, streams, orphans, capacity }: PlatformChecked,
  users: readonly string[],
  now: Date,
): StreamingPlatformStatus {
  const observedGeneration = resource.metadata.generation ?? 0;
  const before = resource.status;
  const set = (
    conditions: readonly Condition[] | undefined,
    type: string,
    status: Condition['status'],
    reason: Reason,
    message: string,
  ): Condition[] => setCondition(conditions, { type, status, reason, message, observedGeneration }, now);

  const blocked = `Deletion is blocked while LiveChannels still use this platform: ${listUsers(users)}.`;
  let conditions: readonly Condition[] =
    users.length > 0
      ? set(
          before?.conditions,
          'Ready',
          'False',
          'InUse',
          problem === undefined ? blocked : `${blocked} ${problem.message}`,
        )
      : problem === undefined
        ? set(
            before?.conditions,
            'Ready',
            'True',
            'CredentialsVerified',
            'The platform responds and accepts the credentials.',
          )
        : set(before?.conditions, 'Ready', 'False', problem.reason, problem.message);
  if (orphans !== undefined)
    conditions =
      orphans.length === 0
        ? set(conditions, 'OrphanedStreams', 'False', 'NoOrphanedStreams', '')
        : set(conditions, 'OrphanedStreams', 'True', 'OrphanedStreams', orphanMessage(orphans));
  const count = streams?.length ?? before?.streams;
  const { maxStreams } = capacity ?? before ?? {};
  const orphanCount = orphans?.length ?? before?.orphanedStreams;
  return {
    observedGeneration,
    conditions: [...conditions],
    ...(count === undefined ? {} : { streams: count }),
    ...(maxStreams === undefined ? {} : { maxStreams }),
    ...(orphanCount === undefined ? {} : { orphanedStreams: orphanCount }),
  };
}

function orphanMessage(orphans: readonly ObservedStream[]): string {
  const shown = orphans
    .map(({ id }) => id)
    .sort()
    .slice(0, 10);
  const more = orphans.length - shown.length;
  return (
    `Streams of this cluster that belong to no LiveChannel: ${shown.join(', ')}` +
    `${more > 0 ? ` and ${more} more` : ''}. Set spec.orphanPolicy to Delete to delete them; "livechannel audit" reports what they cost.`
  );
}
