import { codeOf, trpc } from './trpc.ts';

/**
 * A ticket of the shop's back end, which knows who may do what. The components call this at the start, and again when the
 * service needs another one. undefined: the back end refuses. Other faults pass, and the components try again.
 */
export async function buyerTicket(channelId: string): Promise<string | undefined> {
  return await unlessRefused(trpc.tickets.buyer.mutate({ channelId }));
}

/** The same for the seller of the channel. */
export async function sellerTicket(channelId: string): Promise<string | undefined> {
  return await unlessRefused(trpc.tickets.seller.mutate({ channelId }));
}

async function unlessRefused(created: Promise<{ readonly ticket: string }>): Promise<string | undefined> {
  try {
    return (await created).ticket;
  } catch (error) {
    if (['UNAUTHORIZED', 'FORBIDDEN'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}
