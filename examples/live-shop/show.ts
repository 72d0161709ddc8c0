/**
 * A whole show: the channel is created, goes live, is watched, paid for, and ended. Every change goes through tRPC
 * and every read through REST, to show both; each of them can do everything.
 *
 * Prints one JSON object per line, for people and for tests: {"step": "on-air", "playbackUrl": "…"}.
 */
import { createLiveChannelClient, type LiveChannelClient } from '@livechannel/client';
import { Rest } from './rest.ts';
import { shopSettings, type ShopSettings } from './settings.ts';

const say = (step: string, facts: object = {}): void => {
  console.log(JSON.stringify({ step, ...facts }));
};

async function runShow(settings: ShopSettings, stop: AbortSignal): Promise<void> {
  const { serviceUrl, token, channelId } = settings;
  const live = createLiveChannelClient({ url: serviceUrl, token });
  const rest = new Rest(serviceUrl, token);
  const began = new Date();

  const { channel, created } = await live.channels.create.mutate({
    id: channelId,
    streamMode: 'hybrid',
    onAir: false, // The relay starts below, once the app listens to events.
    idempotencyKey: `show-${channelId}-${began.toISOString()}`,
  });
  say('created', { created, name: channel.name, namespace: channel.namespace });

  const events = live.events.channel.subscribe(
    { channelId },
    {
      // `tracked` events carry their ID; after a lost connection the client resumes after the last one.
      onData: ({ data: event }) => {
        if (event.type === 'snapshot' || event.type === 'status')
          say('event', { type: event.type, relay: event.channel.relay.status });
        else say('event', event);
      },
      onError: ({ message }) => {
        say('events-broke', { message });
      },
    },
  );
  try {
    const { playbackUrl } = await live.relay.start.mutate({ channelId });
    say('starting', { playbackUrl });
    await untilOnAir(rest, channelId, stop);
    say('on-air', await live.streaming.getPlaybackUrl.query({ channelId }));
    await whileOnAir(settings, live, rest, stop);
    say('costs', await costsOf(rest, channelId, began));
  } finally {
    // Whatever happened in the show, nothing may continue to cost money.
    await live.relay.stop.mutate({ channelId });
    say('stopped');
    await live.channels.end.mutate({ channelId });
    say('ended');
    events.unsubscribe();
  }
}

interface RelayView {
  readonly status: string;
  /** Those who are known; viewersKnown says whether that is all of them. */
  readonly viewerCount: number;
  readonly bitrateKbps: number | null;
}

const path = (channelId: string): string => `/v1/channels/${encodeURIComponent(channelId)}`;

async function relayOf(rest: Rest, channelId: string): Promise<RelayView> {
  // The service validates its responses against its OpenAPI document.
  return (await rest.get(`${path(channelId)}/relay`)) as RelayView;
}

async function untilOnAir(rest: Rest, channelId: string, stop: AbortSignal): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!stop.aborted) {
    const { status } = await relayOf(rest, channelId);
    if (status === 'active') return;
    if (Date.now() > deadline) throw new Error(`${channelId} is not on air after two minutes: ${status}`);
    await pause(1_000, stop);
  }
}

/** What an app's dashboard displays, once every five seconds. */
async function whileOnAir(
  settings: ShopSettings,
  live: LiveChannelClient,
  rest: Rest,
  stop: AbortSignal,
): Promise<void> {
  const { channelId, agoraViewers, seconds } = settings;
  const end = Date.now() + seconds * 1_000;
  while (Date.now() < end && !stop.aborted) {
    await live.audience.report.mutate({ channelId, agoraViewers });
    const { status, viewerCount, bitrateKbps } = await relayOf(rest, channelId);
    const { isActive, health } = await live.relay.status.query({ channelId });
    say('status', { status, viewerCount, bitrateKbps, isActive, health });
    await pause(5_000, stop);
  }
}

async function costsOf(rest: Rest, channelId: string, from: Date): Promise<object> {
  const query = new URLSearchParams({
    channelId,
    from: from.toISOString(),
    to: new Date().toISOString(),
  });
  return (await rest.get(`/v1/costs?${query.toString()}`)) as object;
}

/** Ends early when the show is stopped. */
async function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      stop.removeEventListener('abort', done);
      resolve();
    }
    if (stop.aborted) done();
    else stop.addEventListener('abort', done, { once: true });
  });
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    stop.abort();
  });
try {
  await runShow(shopSettings(process.env), stop.signal);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
