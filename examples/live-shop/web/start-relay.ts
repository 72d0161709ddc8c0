import { problemIn, trpc } from './trpc.ts';

/** Where buyers watch after a start. */
export type StartedRelay = 'starting' | 'agora-only';

/** Faults of a moment, as is no answer. */
const passing = ['channel-ending', 'kubernetes-unavailable', 'shutting-down', 'timeout'];
const MOST_REPEATS = 5;

/** Starts the relay; a start can be repeated. Throws what a repetition does not help, and when `ended` is aborted. */
export async function startRelay(channelId: string, ended: AbortSignal): Promise<StartedRelay> {
  for (let repeats = MOST_REPEATS; ; repeats--) {
    ended.throwIfAborted();
    try {
      await trpc.relay.start.mutate({ channelId });
      return 'starting';
    } catch (error) {
      const { code, retryAfterSeconds = 2 } = problemIn(error);
      if (code === 'stream-not-ready') return 'starting'; // It continues by itself.
      if (code === 'agora-only') return 'agora-only'; // Nothing to relay: everyone is on Agora.
      if (repeats === 0 || (code !== undefined && !passing.includes(code))) throw error;
      await new Promise((done) => setTimeout(done, retryAfterSeconds * 1_000));
    }
  }
}
