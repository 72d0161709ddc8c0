import type { tracked, TrackedEnvelope, TRPCRootObject, TRPCRuntimeConfigOptions } from '@trpc/server';
import { z } from 'zod';
import type { ChannelEvent } from '../../server/contract/events.ts';
import type { LiveChannelClient } from '../client.ts';
import type { Authorize, ContextOf } from './authorize.ts';
import { channelProcedure } from './channel-procedure.ts';
import { errorFor, StreamError } from './errors.ts';
import { EventQueue } from './event-queue.ts';

export interface ChannelEventsOptions<Context extends object> {
  /** With a token of the scope `playback` or more. */
  readonly client: Pick<LiveChannelClient, 'events'>;
  readonly authorize: Authorize<Context>;
  /** `tracked` of the app's @trpc/server: it marks events with their ID. */
  readonly tracked: typeof tracked;
}

/**
 * A subscription for the app's own router that passes on the events of a channel (snapshot, status, mode, ended). The
 * app's client resumes after the last event that it received. Each subscriber has one stream to the service.
 *
 * Live numbers (`numbers`), which the service sends to the scope `operate`, are passed on only to callers whom `authorize`
 * allows `operate` as well: buyers do not receive them, although the token of the app's back end may read them.
 *
 * @example
 * const appRouter = t.router({ events: createChannelEvents(t, { client: live, authorize, tracked }) });
 * // in the page
 * trpc.events.subscribe({ channelId: '4711' }, { onData: ({ data }) => show(data) });
 */
export function createChannelEvents<
  Context extends object,
  Meta extends object,
  Options extends TRPCRuntimeConfigOptions<Context, Meta>,
>(t: TRPCRootObject<Context, Meta, Options>, options: ChannelEventsOptions<Context>) {
  const { client, authorize, tracked } = options;
  return channelProcedure(t, authorize, 'playback')
    .input(z.object({ lastEventId: z.string().max(1_024).optional() }))
    .subscription(async function* ({
      ctx,
      input,
      signal,
    }): AsyncGenerator<TrackedEnvelope<ChannelEvent>, void, void> {
      const queue = new EventQueue<ChannelEvent>();
      const subscription = client.events.channel.subscribe(input, {
        onData: ({ data }) => {
          queue.push(data);
        },
        onError: (error) => {
          const options = errorFor(error);
          queue.fail(options === undefined ? error : new StreamError(options));
        },
        onComplete: () => {
          queue.end();
        },
      });
      const stop = (): void => {
        queue.end();
      };
      if (signal?.aborted === true) stop();
      signal?.addEventListener('abort', stop);
      try {
        let mayReadNumbers: boolean | undefined;
        for await (const event of queue) {
          if (
            event.type === 'numbers' &&
            !(mayReadNumbers ??= await isOperator(authorize, ctx, input.channelId))
          )
            continue;
          yield tracked(event.id, event);
        }
      } finally {
        signal?.removeEventListener('abort', stop);
        subscription.unsubscribe();
      }
    });
}

/** Whether the caller may operate the channel, too. A refusal that is thrown concerns the numbers only, not the stream. */
async function isOperator<Context extends object>(
  authorize: Authorize<Context>,
  ctx: ContextOf<Context>,
  channelId: string,
): Promise<boolean> {
  try {
    const allowed: unknown = await authorize(ctx, channelId, 'operate');
    return allowed === true;
  } catch {
    return false;
  }
}
