import { findCondition } from '../../api/conditions.ts';
import type { z } from 'zod';
import type { LiveChannel } from '../../api/live-channel.ts';
import { isDefaultPlatform, type StreamingPlatform } from '../../api/streaming-platform.ts';
import type { platformViewSchema } from '../contract/platforms.ts';
import { canRotateKey } from './key-rotation.ts';

/** Views of the platforms, with the number of channels on each. */
export function platformViews(
  platforms: readonly StreamingPlatform[],
  channels: Iterable<LiveChannel>,
): readonly z.infer<typeof platformViewSchema>[] {
  const counts = new Map<string, number>();
  for (const { status } of channels) {
    const name = status?.streamingPlatform;
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return platforms.map((platform) => {
    const { metadata, spec, status } = platform;
    const ready = findCondition(status?.conditions, 'Ready');
    return {
      name: metadata.name,
      provider: spec.provider,
      isDefault: isDefaultPlatform(platform),
      ready: ready?.status === 'True',
      reason: ready?.reason ?? 'Unknown',
      message: ready?.message ?? 'Not reconciled yet. Is the operator running?',
      channels: counts.get(metadata.name) ?? 0,
      capabilities: { rotateKey: canRotateKey(platform) },
      quota: quotaOf(platform),
    };
  });
}

/** The numbers of the last successful check, of which there is one every half minute. */
function quotaOf({ status }: StreamingPlatform): z.infer<typeof platformViewSchema>['quota'] {
  const ready = findCondition(status?.conditions, 'Ready');
  return {
    used: status?.streams ?? null,
    limit: status?.maxStreams ?? null,
    orphans: status?.orphanedStreams ?? null,
    staleSince: ready === undefined || ready.status === 'True' ? null : ready.lastTransitionTime,
  };
}
