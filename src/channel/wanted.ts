import type { LiveChannel } from '../api/live-channel.ts';
import { restOf } from './rest.ts';

export type EffectiveStreamMode = 'agora-only' | 'hybrid' | 'hls-only';

/**
 * What the spec asks for, in the two questions that matter: is there a stream, is there a relay. One that rests is not
 * there, unless to look for the host. `auto` keeps viewers on both: HLS is there for whoever takes it.
 */
export function wanted(channel: LiveChannel): { mode: EffectiveStreamMode; stream: boolean; relay: boolean } {
  const { streamMode } = channel.spec;
  const mode = streamMode === 'auto' ? 'hybrid' : streamMode;
  const rest = restOf(channel);
  const rests = rest !== undefined && rest.looking === undefined;
  return { mode, stream: mode !== 'agora-only', relay: asksForRelay(channel) && !rests };
}

/** Whether there should be a relay as soon as there is somebody for it. */
export function asksForRelay({ spec }: LiveChannel): boolean {
  return spec.streamMode !== 'agora-only' && !spec.suspend;
}

/** Fields that the schema has for what is still to come: accepted and kept, said to have no effect yet. */
export function withoutEffect(channel: LiveChannel): readonly string[] {
  const { spec } = channel;
  return [
    ...(spec.streamMode === 'auto' ? ['spec.streamMode auto (treated as hybrid)'] : []),
    ...(spec.budget ? ['spec.budget'] : []),
  ];
}
