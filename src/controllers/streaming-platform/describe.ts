import type { Condition } from '../../api/metadata.ts';
import type { Reason } from '../../api/reasons.ts';
import type { StreamingPlatform, StreamingPlatformStatus } from '../../api/streaming-platform.ts';
import type { Problem } from '../../channel/state.ts';
import { setCondition } from '../../api/conditions.ts';
import type { ObservedStream } from '../../platforms/platform.ts';
import { listUsers } from './users.ts';

/** What a look at the platform gave; streams and orphans are undefined where it could not be looked at. */
export interface PlatformChecked {
  readonly problem?: Problem;
  readonly streams?: readonly ObservedStream[];
  readonly orphans?: readonly ObservedStream[];
}

/** The status of a platform. `users`: who keeps it, when it is being deleted. */
export function describePlatform(
  resource: StreamingPlatform,
  { problem, streams, orphans }: PlatformChecked,
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

  const kept = `It is being deleted, and kept until no LiveChannel has a stream on it: ${listUsers(users)}.`;
  let conditions: readonly Condition[] =
    users.length > 0
      ? set(
          before?.conditions,
          'Ready',
          'False',
          'InUse',
          problem === undefined ? kept : `${kept} ${problem.message}`,
        )
      : problem === undefined
        ? set(
            before?.conditions,
            'Ready',
            'True',
            'CredentialsVerified',
            'The platform answers and accepts the credentials.',
          )
        : set(before?.conditions, 'Ready', 'False', problem.reason, problem.message);
  if (orphans !== undefined)
    conditions =
      orphans.length === 0
        ? set(conditions, 'OrphanedStreams', 'False', 'NoOrphanedStreams', '')
        : set(conditions, 'OrphanedStreams', 'True', 'OrphanedStreams', orphanWords(orphans));
  const count = streams?.length ?? before?.streams;
  const orphanCount = orphans?.length ?? before?.orphanedStreams;
  return {
    observedGeneration,
    conditions: [...conditions],
    ...(count === undefined ? {} : { streams: count }),
    ...(orphanCount === undefined ? {} : { orphanedStreams: orphanCount }),
  };
}

function orphanWords(orphans: readonly ObservedStream[]): string {
  const shown = orphans
    .map(({ id }) => id)
    .sort()
    .slice(0, 10);
  const more = orphans.length - shown.length;
  return (
    `Streams of this cluster that belong to no LiveChannel: ${shown.join(', ')}` +
    `${more > 0 ? ` and ${String(more)} more` : ''}. orphanPolicy Delete would delete them; "livechannel audit" tells what they cost.`
  );
}
