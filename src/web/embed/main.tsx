import { createRoot } from 'react-dom/client';
import { LiveChannelHLS } from '../player/public.ts';
import { readEmbedAddress, type EmbedAddress } from './embed-address.ts';
import { embedTicket } from './embed-ticket.ts';
import { textsFor } from './languages.ts';
import { ParentPage } from './parent-page.ts';

/** The page /embed/{channelId} of the service: the player alone, for an iframe. */
async function show(root: HTMLElement, address: EmbedAddress): Promise<void> {
  const { channelId, parentOrigin, ticket, language, playsAgora, qoe } = address;
  const parentPage = parentOrigin === undefined ? undefined : new ParentPage(window, parentOrigin, channelId);
  const source = embedTicket(ticket, parentPage);
  const texts = await textsFor([language, ...navigator.languages]);
  document.documentElement.lang = texts?.locale ?? 'en';
  const useAgora = (at: Date): void =>
    parentPage?.post({ type: 'livechannel:use-agora', channelId, at: at.toISOString() });
  createRoot(root).render(
    <LiveChannelHLS
      channelId={channelId}
      api={location.origin}
      ticket={source}
      qoe={qoe}
      texts={texts}
      onStateChange={(state) => parentPage?.post({ type: 'livechannel:state', channelId, state })}
      onUseAgora={playsAgora ? useAgora : undefined}
    />,
  );
}

const address = readEmbedAddress(location);
const root = document.getElementById('player');
if (address !== undefined && root !== null) {
  // The ticket stays in memory: not in the history, nor in an address that someone copies.
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
  void show(root, address);
}
