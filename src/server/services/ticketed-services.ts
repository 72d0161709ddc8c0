import type { ChannelId } from '../../api/channel-id.ts';
import type { ChannelChange } from '../contract/channel-settings.ts';
import type { ServerEvent } from '../contract/events.ts';
import type { Answer, CallContext, Caller, Input } from '../service.ts';
import { LiveChannelServices } from './live-channel-services.ts';
import { admittedCall } from './ticket-permissions.ts';
import { channelForBuyers, eventsForBuyers, problemForViewers } from './viewer-views.ts';

/**
 * The services for bearers of tickets as well. A ticket has no scope, so that every operation refuses it that is not
 * overridden here. Those that are admit it for its own channel, and buyers receive reduced views.
 */
export class TicketedServices extends LiveChannelServices {
  override async channel(call: CallContext, id: ChannelId): Answer<'channel'> {
    const answer = super.channel(admittedCall(call, 'channel', id), id);
    const { value, etag } = await forCaller(call.caller, answer);
    return { value: isBuyer(call.caller) ? channelForBuyers(value) : value, etag };
  }

  override relay(call: CallContext, id: ChannelId): Answer<'relay'> {
    return forCaller(call.caller, super.relay(admittedCall(call, 'relay', id), id));
  }

  /** A ticket names the viewer, whatever its bearer says. */
  override playback(call: CallContext, id: ChannelId, viewerId: string | undefined): Answer<'playback'> {
    const viewer = call.caller.ticket?.userId ?? viewerId;
    return forCaller(call.caller, super.playback(admittedCall(call, 'playback', id), id, viewer));
  }

  /** The metrics of a deleted channel are kept, but a ticket ends with its channel. */
  override async metrics(call: CallContext, id: ChannelId, query: Input<'metrics', 2>): Answer<'metrics'> {
    const allowed = admittedCall(call, 'metrics', id);
    if (call.caller.ticket !== undefined && allowed.caller.scope !== undefined)
      await super.channel(allowed, id);
    return super.metrics(allowed, id, query);
  }

  override changeChannel(
    call: CallContext,
    id: ChannelId,
    change: ChannelChange,
    ifMatch: string | undefined,
  ): Answer<'changeChannel'> {
    const allowed = onlyStreamMode(change) ? admittedCall(call, 'changeChannel', id) : call;
    return super.changeChannel(allowed, id, change, ifMatch);
  }

  /** A ticket starts an existing channel, as it is: it creates none, and passes no settings. */
  override async startRelay(
    call: CallContext,
    id: ChannelId,
    options: Input<'startRelay', 2>,
  ): Answer<'startRelay'> {
    if (call.caller.ticket === undefined || Object.values(options).some((value) => value !== undefined))
      return super.startRelay(call, id, options);
    const allowed = admittedCall(call, 'startRelay', id);
    // Not found unless it exists. The start follows at once, so that it uses the same state of the cache.
    if (allowed.caller.scope !== undefined) await super.channel(allowed, id);
    return super.startRelay(allowed, id, options);
  }

  /** A ticket names the viewer, whatever its bearer says. */
  override feedback(call: CallContext, id: ChannelId, feedback: Input<'feedback', 2>): Answer<'feedback'> {
    const { viewerId: _, ...own } = feedback;
    return forCaller(
      call.caller,
      super.feedback(
        admittedCall(call, 'feedback', id),
        id,
        call.caller.ticket === undefined ? feedback : own,
      ),
    );
  }

  override reportQoe(call: CallContext, id: ChannelId, report: Input<'reportQoe', 2>): Answer<'reportQoe'> {
    return forCaller(call.caller, super.reportQoe(admittedCall(call, 'reportQoe', id), id, report));
  }

  override qoe(call: CallContext, id: ChannelId, query: Input<'qoe', 2>): Answer<'qoe'> {
    return super.qoe(admittedCall(call, 'qoe', id), id, query);
  }

  override deliveryOptions(call: CallContext, id: ChannelId): Answer<'deliveryOptions'> {
    return super.deliveryOptions(admittedCall(call, 'deliveryOptions', id), id);
  }

  override stopRelay(call: CallContext, id: ChannelId): Answer<'stopRelay'> {
    return super.stopRelay(admittedCall(call, 'stopRelay', id), id);
  }

  override events(
    call: CallContext,
    channelId: ChannelId | undefined,
    lastEventId: string | undefined,
  ): AsyncIterable<ServerEvent> {
    const events = super.events(admittedCall(call, 'events', channelId), channelId, lastEventId);
    return isBuyer(call.caller) ? eventsForBuyers(events) : events;
  }
}

function isBuyer({ ticket }: Caller): boolean {
  return ticket?.role === 'buyer';
}

/** Viewers receive problems without details of operation. */
async function forCaller<T>(caller: Caller, answer: Promise<T>): Promise<T> {
  if (!isBuyer(caller) && caller.publicOnly !== true) return answer;
  try {
    return await answer;
  } catch (error) {
    throw problemForViewers(error);
  }
}

function onlyStreamMode(change: ChannelChange): boolean {
  return Object.entries(change).every(([name, value]) => name === 'streamMode' || value === undefined);
}
