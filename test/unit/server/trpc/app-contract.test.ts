import { expect, test } from '@jest/globals';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { LiveChannelClient } from '../../../../src/client/client.ts';
import type { AppRouter } from '../../../../src/server/trpc/router.ts';

/**
 * What the app specified, word for word. The compiler checks this file: it fails if an output of the router lacks a member
 * or has one of another type, or if an input that the app sends is not accepted. Outputs may have more members.
 */
interface SpecifiedOutputs {
  relay: {
    start: { success: boolean; playbackUrl: string };
    stop: { success: boolean };
    status: {
      isActive: boolean;
      viewerCount: number;
      bitrate: number;
      health: 'good' | 'fair' | 'poor';
    };
  };
  streaming: {
    getPlaybackUrl: { hlsUrl: string; latency: number };
  };
}

interface SpecifiedInputs {
  relay: {
    start: { channelId: string };
    stop: { channelId: string };
    status: { channelId: string };
  };
  streaming: {
    getPlaybackUrl: { channelId: string };
  };
}

/** A start with what an app may pass in addition. */
interface FullStart {
  channelId: string;
  agoraToken?: string;
  agoraChannelName?: string;
}

/** Compiles only if every value of type `Given` is one of type `Accepted`. */
type Fits<Given extends Accepted, Accepted> = [Given, Accepted] extends [never, never] ? never : true;

type Outputs = inferRouterOutputs<AppRouter>;
type Inputs = inferRouterInputs<AppRouter>;

const outputs: Fits<Outputs, SpecifiedOutputs> = true;
const inputs: Fits<
  SpecifiedInputs,
  Pick<Inputs, 'relay'> & { streaming: Pick<Inputs['streaming'], 'getPlaybackUrl'> }
> = true;
const start: Fits<FullStart, Inputs['relay']['start']> = true;
/** Nothing else is required of the app. */
const required: Fits<SpecifiedInputs['relay']['start'], Inputs['relay']['start']> = true;
/** An app may compare health exhaustively: there is no fourth value. */
const health: Fits<SpecifiedOutputs['relay']['status']['health'], Outputs['relay']['status']['health']> =
  true;
const settings: Fits<
  { id: string; fallback: { mode: 'agora-only' }; idle: { noHostSeconds: number }; budget: null },
  Inputs['channels']['create']
> = true;
const analytics: Fits<{ channelId: string }, Inputs['streaming']['analytics']> = true;

/** The app's calls, which only have to compile: annotations are the specified types. */
export async function callsOfTheApp(live: LiveChannelClient, channelId: string): Promise<unknown[]> {
  const started: { success: boolean; playbackUrl: string } = await live.relay.start.mutate({ channelId });
  const stopped: { success: boolean } = await live.relay.stop.mutate({ channelId });
  const status: {
    isActive: boolean;
    viewerCount: number;
    bitrate: number;
    health: 'good' | 'fair' | 'poor';
  } = await live.relay.status.query({ channelId });
  const playback: { hlsUrl: string; latency: number } = await live.streaming.getPlaybackUrl.query({
    channelId,
  });
  return [started, stopped, status, playback];
}

test('the types of the router fit those that the app specified', () => {
  expect([outputs, inputs, start, required, health, settings, analytics]).not.toContain(false);
});
