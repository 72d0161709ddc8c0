/** The pages of the shop, each with an address of its own. */
export type Route =
  { readonly page: 'shows' } | { readonly page: 'buyer' | 'seller'; readonly channelId: string };

export function routeOf(path: string): Route {
  const [, page, id = ''] = /^\/(show|sell)\/([\w-]{1,64})$/.exec(path) ?? [];
  if (page === undefined) return { page: 'shows' };
  return { page: page === 'show' ? 'buyer' : 'seller', channelId: id };
}

export const buyerPath = (channelId: string): string => `/show/${encodeURIComponent(channelId)}`;
export const sellerPath = (channelId: string): string => `/sell/${encodeURIComponent(channelId)}`;
