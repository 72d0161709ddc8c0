/**
 * What the address of a page for one channel says: /embed/CHANNEL?parentOrigin=ORIGIN&lang=de&agora=1&qoe=0#ticket=TICKET, and the
 * same for /seller/CHANNEL.
 */
export interface EmbedAddress {
  readonly channelId: string;
  /** The page that embeds this one. The service has checked it against the app's origins. */
  readonly parentOrigin: string | undefined;
  readonly ticket: string | undefined;
  /** BCP 47 tag of the language that the embedding page chose. */
  readonly language: string | undefined;
  /** Whether the embedding page can play the show on Agora. */
  readonly playsAgora: boolean;
  /** Whether the player reports what it measures. */
  readonly qoe: boolean;
}

const MAX_TICKET = 4_096;

/** A ticket, bounded and of the alphabet of bearer tokens (RFC 6750, section 2.1); undefined: it is none. */
export function ticketFrom(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_TICKET) return undefined;
  return /^[\w.~+/-]+=*$/.test(value) ? value : undefined;
}

/** undefined: the address is not that of such a page. */
export function readEmbedAddress(
  { pathname, search, hash }: Pick<Location, 'pathname' | 'search' | 'hash'>,
  page: 'embed' | 'seller' = 'embed',
): EmbedAddress | undefined {
  const [, name, id = ''] = /^\/(embed|seller)\/([^/]+)\/?$/.exec(pathname) ?? [];
  const channelId = name === page ? decoded(id) : '';
  if (channelId === '') return undefined;
  const query = new URLSearchParams(search);
  return {
    channelId,
    parentOrigin: query.get('parentOrigin') ?? undefined,
    ticket: ticketFrom(new URLSearchParams(hash.slice(1)).get('ticket')),
    language: query.get('lang') ?? undefined,
    playsAgora: query.get('agora') === '1',
    qoe: query.get('qoe') !== '0',
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
