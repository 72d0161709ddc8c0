import { findCondition } from '../../api/conditions.ts';
import type { z } from 'zod';
import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import type { platformViewSchema } from '../contract/platforms.ts';

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
  return platforms.map(({ metadata, spec, status }) => {
    const ready = findCondition(status?.conditions, 'Ready');
    return {
      name: metadata.name,
      provider: spec.provider,
      isDefault: metadata.annotations?.[annotations.defaultPlatform] === 'true',
      ready: ready?.status === 'True',
      reason: ready?.reason ?? 'Unknown',
      message: ready?.message ?? 'Not reconciled yet. Is the operator running?',
      channels: counts.get(metadata.name) ?? 0,
    };
  });
}
