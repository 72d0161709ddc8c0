import type { Ticket } from '../auth/tickets/ticket.ts';
import type { CallContext, Caller } from '../service.ts';
import { hasScope, neededScope, type Operation } from './permissions.ts';

/**
 * What a ticket must have to allow an operation on its channel. `buyer`: any ticket. `seller`: the ticket of a seller.
 * `start`, `stop`: the ticket of a seller to whom that is granted. `none`: no ticket allows it.
 */
type TicketAccess = 'buyer' | 'seller' | 'start' | 'stop' | 'none';

/**
 * A new operation is listed here, too: `buyer` for what every viewer's page does (reports of quality, feedback), and `none`
 * for everything about other channels, money or the app's back end.
 */
export const ticketAccess = {
  playback: 'buyer',
  events: 'buyer',
  channel: 'buyer',
  feedback: 'buyer',
  reportQoe: 'buyer',
  relay: 'seller',
  metrics: 'seller',
  qoe: 'seller',
  deliveryOptions: 'seller',
  usage: 'none',
  overview: 'none',
  /** The stream mode only: ticketed-services.ts. */
  changeChannel: 'seller',
  startRelay: 'start',
  stopRelay: 'stop',
  createChannel: 'none',
  listChannels: 'none',
  changeModes: 'none',
  endChannel: 'none',
  agoraToken: 'none',
  reportAudience: 'none',
  createTicket: 'none',
  platforms: 'none',
  alerts: 'none',
  prices: 'none',
  costs: 'none',
  budgets: 'none',
  history: 'none',
  rotateStreamKey: 'none',
  audit: 'none',
  apiKeys: 'none',
  createApiKey: 'none',
  revokeApiKey: 'none',
} as const satisfies Record<Operation, TicketAccess>;

/** Whether the ticket allows the operation on its own channel. */
export function permits({ role, grants }: Pick<Ticket, 'role' | 'grants'>, operation: Operation): boolean {
  const access = ticketAccess[operation];
  switch (access) {
    case 'buyer':
      return true;
    case 'seller':
      return role === 'seller';
    case 'start':
    case 'stop':
      return role === 'seller' && grants.includes(access);
    case 'none':
      return false;
  }
}

/**
 * The caller of one operation on one channel: with exactly the scope that it requires if the caller's ticket allows it;
 * otherwise unchanged, so that a ticket, which has no scope, is refused.
 */
export function admitted(caller: Caller, operation: Operation, channelId: string | undefined): Caller {
  const { ticket } = caller;
  const allowed = ticket !== undefined && ticket.channelId === channelId && permits(ticket, operation);
  return allowed ? { ...caller, scope: neededScope[operation] } : caller;
}

/** Whether the caller may call the operation on the channel: by scope, or by ticket. */
export function isAllowed(caller: Caller, operation: Operation, channelId: string | undefined): boolean {
  return hasScope(admitted(caller, operation, channelId), neededScope[operation]);
}

/** Like `admitted`, for a call. */
export function admittedCall(
  call: CallContext,
  operation: Operation,
  channelId: string | undefined,
): CallContext {
  if (call.caller.ticket === undefined) return call;
  // Not spread, because the signal is created on first use.
  const caller = admitted(call.caller, operation, channelId);
  return {
    caller,
    requestId: call.requestId,
    get signal() {
      return call.signal;
    },
  };
}
