import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Theme } from '../../../src/web/player/ui/player-view.tsx';
import { PreviewView } from '../../../src/web/seller/ui/preview-view.tsx';
import { SellerView } from '../../../src/web/seller/ui/seller-view.tsx';
import { FakeSeller } from '../seller/fake-seller.ts';
import { usePresses } from './press.ts';
import { previewItems, sellerItems, type PreviewItem, type SellerItem } from './seller-items.ts';
import { StillFrame } from './still-frame.tsx';

const nothing = (): void => undefined;

interface ItemProps<Item> {
  readonly item: Item;
  readonly theme: Theme;
  /** Default: the name of the item. */
  readonly title: string | undefined;
}

function Show({ item, theme, title }: ItemProps<SellerItem>): ReactNode {
  usePresses(item.press);
  return (
    <SellerView
      seller={new FakeSeller(item.snapshot)}
      title={title ?? item.name}
      theme={theme}
      texts={item.texts}
      timeZone="UTC"
    />
  );
}

function Preview({ item, theme, title }: ItemProps<PreviewItem>): ReactNode {
  const { name, state, price } = item;
  return (
    <PreviewView
      {...{ state, price, theme }}
      title={title ?? name}
      video={<StillFrame />}
      onShow={nothing}
      onHide={nothing}
      onPlay={nothing}
    />
  );
}

function Gallery({ theme, only }: { readonly theme: Theme; readonly only: string | undefined }): ReactNode {
  const isShown = ({
    name,
    press,
  }: {
    readonly name: string;
    readonly press?: readonly string[];
  }): boolean => (only === undefined ? press === undefined : name === only);
  const title = only === undefined ? undefined : 'Autumn sale';
  return (
    <main>
      <h1>States of the seller&apos;s view</h1>
      {sellerItems.filter(isShown).map((item) => (
        <Show key={item.name} item={item} theme={theme} title={title} />
      ))}
      {previewItems.filter(isShown).map((item) => (
        <Preview key={item.name} item={item} theme={theme} title={title} />
      ))}
    </main>
  );
}

const { theme, only } = document.body.dataset;
const root = document.getElementById('gallery');
if (root !== null)
  createRoot(root).render(<Gallery theme={theme === 'dark' ? 'dark' : 'light'} only={only} />);
// For those who open the page: the items that are shown alone.
document.body.dataset['alone'] = sellerItems.flatMap(({ name, press }) => (press ? [name] : [])).join(' ');
