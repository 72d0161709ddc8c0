import type { LiveChannel } from '../api/live-channel.ts';

export type EffectiveStreamMode = 'agora-only' | 'hybrid' | 'hls-only';

/**
 * What the spec asks for, in the two questions that matter: is there a stream, is there a relay.
 * `auto` keeps viewers on both: HLS is there for whoever takes it.
 */
export function wanted(channel: LiveChannel): { mode: EffectiveStreamMode; stream: boolean; relay: boolean } {
  const { streamMode, suspend } = channel.spec;
  const mode = streamMode === 'auto' ? 'hybrid' : streamMode;
  const stream = mode !== 'agora-only';
  return { mode, stream, relay: stream && !suspend };
}

/** Fields that the schema has for what is still to come: accepted and kept, said to have no effect yet. */
export function withoutEffect(channel: LiveChannel): readonly string[] {
  const { spec } = channel;
  return [
    ...(spec.streamMode === 'auto' ? ['spec.streamMode auto (treated as hybrid)'] : []),
    ...(spec.budget ? ['spec.budget'] : []),
  ];
}
