import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { PlayerView, type Theme } from '../../../src/web/player/ui/player-view.tsx';
import { FakePlayer } from '../player/fake-player.ts';
import { galleryItems, NOW, type GalleryItem } from './gallery-items.ts';
import { usePresses } from './press.ts';
import { StillFrame } from './still-frame.tsx';

interface ItemProps {
  readonly item: GalleryItem;
  readonly theme: Theme;
  readonly alone: boolean;
}

function Item({ item, theme, alone }: ItemProps): ReactNode {
  usePresses(item.press);
  return (
    <article>
      <h2>{item.name}</h2>
      <PlayerView
        player={new FakePlayer(item.snapshot)}
        video={item.snapshot.hasPicture ? <StillFrame /> : <div />}
        title={alone ? 'Autumn sale' : item.name}
        theme={theme}
        texts={item.texts}
        onUseAgora={() => undefined}
        now={() => NOW}
      />
    </article>
  );
}

function Gallery({ theme, only }: { readonly theme: Theme; readonly only: string | undefined }): ReactNode {
  const shown = galleryItems.filter(({ name, press }) => (only === undefined ? !press : name === only));
  return (
    <main>
      <h1>States of the player</h1>
      {shown.map((item) => (
        <Item key={item.name} item={item} theme={theme} alone={only !== undefined} />
      ))}
    </main>
  );
}

const { theme, only } = document.body.dataset;
const root = document.getElementById('gallery');
if (root !== null)
  createRoot(root).render(<Gallery theme={theme === 'dark' ? 'dark' : 'light'} only={only} />);
// For those who open the page: the items that are shown alone.
document.body.dataset['alone'] = galleryItems.flatMap(({ name, press }) => (press ? [name] : [])).join(' ');
