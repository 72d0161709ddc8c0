import { createRoot } from 'react-dom/client';
import { chooseLanguage, type Languages } from '../embed/choose-language.ts';
import { readEmbedAddress, type EmbedAddress } from '../embed/embed-address.ts';
import { embedTicket } from '../embed/embed-ticket.ts';
import { ParentPage } from '../embed/parent-page.ts';
import type { SellerTexts } from '../seller/public.ts';
import { SellerPage } from './seller-page.tsx';

const languages: Languages<SellerTexts> = {
  de: async () => (await import('../seller/text/de.ts')).de,
};

/** The page /seller/{channelId} of the service: alone, or in an iframe. */
async function show(root: HTMLElement, address: EmbedAddress): Promise<void> {
  const { channelId, parentOrigin, ticket, language } = address;
  const parentPage = parentOrigin === undefined ? undefined : new ParentPage(window, parentOrigin, channelId);
  const texts = await chooseLanguage([language, ...navigator.languages], languages);
  document.documentElement.lang = texts?.locale ?? 'en';
  createRoot(root).render(
    <SellerPage
      channelId={channelId}
      api={location.origin}
      ticket={embedTicket(ticket, parentPage) ?? (() => undefined)}
      texts={texts}
      parentPage={parentPage}
    />,
  );
}

const address = readEmbedAddress(location, 'seller');
const root = document.getElementById('seller');
if (address !== undefined && root !== null) {
  // The ticket stays in memory: not in the history, nor in an address that someone copies.
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
  void show(root, address);
}
