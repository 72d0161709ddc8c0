import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApp } from '../app-context.ts';
import { Empty } from '../parts/notices.tsx';
import { Queried } from '../parts/queried.tsx';
import type { PlatformView } from '../service/procedures.ts';
import { PageTitle } from '../shell/page-title.tsx';
import { PlatformCard } from './platform-card.tsx';

/** Every StreamingPlatform. Those that are not ready come first, because they need someone. */
export function PlatformsPage(): ReactNode {
  const { queries, words } = useApp();
  const { texts } = words;
  const platforms = useQuery(queries.platforms);
  return (
    <>
      <PageTitle>{texts.platforms.title}</PageTitle>
      <Queried query={platforms}>
        {(data) =>
          data.length === 0 ? (
            <Empty>{texts.platforms.none}</Empty>
          ) : (
            <div className="cards wide">
              {data.toSorted(inOrder).map((platform) => (
                <PlatformCard key={platform.name} platform={platform} />
              ))}
            </div>
          )
        }
      </Queried>
    </>
  );
}

const byName = new Intl.Collator('en', { numeric: true }).compare;

function inOrder(a: PlatformView, b: PlatformView): number {
  return Number(a.ready) - Number(b.ready) || byName(a.name, b.name);
}
