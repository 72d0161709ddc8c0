import type { Clock } from '../core/clock.ts';
import { EventLines } from './event-lines.ts';
import { serviceDelayMs } from './service-backoff.ts';
import type { ServiceClient } from './service-client.ts';

/** The service sends a heartbeat every 15 s. */
const SILENCE_MS = 40_000;

export interface EventStreamOptions {
  readonly client: Pick<ServiceClient, 'stream'>;
  readonly clock: Clock;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly onEvent: (type: string, data: string) => void;
  /** Called each time a stream has ended or could not be opened; another one follows. */
  readonly onEnd: () => void;
}

/** Follows the events of a channel, over all streams that the service ends and those that break. */
export async function followEvents(options: EventStreamOptions): Promise<void> {
  const { clock, random, signal, onEnd } = options;
  let lastId: string | undefined;
  for (let attempt = 1; ; attempt++) {
    const began = clock.monotonic();
    lastId = await readStream(options, lastId);
    if (signal.aborted) return;
    onEnd();
    // A stream that lasted was well: the service ends each within 15 minutes.
    if (clock.monotonic() - began > SILENCE_MS) attempt = 0;
    await sleep(serviceDelayMs(attempt + 1, random), options);
  }
}

/** Reads one event stream to its end. Returns the id of its last event. */
async function readStream(
  { client, clock, signal: end, onEvent }: EventStreamOptions,
  lastId: string | undefined,
): Promise<string | undefined> {
  const stop = new AbortController();
  const signal = AbortSignal.any([end, stop.signal]);
  let stopSilence = clock.schedule(SILENCE_MS, () => stop.abort());
  const lines = new EventLines();
  try {
    const response = await client.stream('/events', lastId, signal);
    if (!(response instanceof Response)) return lastId;
    const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
    signal.addEventListener('abort', () => void reader.cancel().catch(() => undefined));
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) break;
      stopSilence();
      stopSilence = clock.schedule(SILENCE_MS, () => stop.abort());
      for (const { type, data } of lines.push(decoder.decode(value, { stream: true }))) onEvent(type, data);
    }
  } catch {
    // The connection broke, was silent, or sent what is no event: it is opened again.
  } finally {
    stopSilence();
    stop.abort();
  }
  return lines.lastId ?? lastId;
}

function sleep(
  delayMs: number,
  { clock, signal }: Pick<EventStreamOptions, 'clock' | 'signal'>,
): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      stop();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const stop = clock.schedule(delayMs, finish);
    signal.addEventListener('abort', finish);
  });
}
