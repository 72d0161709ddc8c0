import type { ReactNode } from 'react';
import { useWords } from '../app-context.ts';
import { fill } from '../text/words.ts';
import { useConnection, useFreshness } from './freshness-badge.tsx';

/** Says that what is shown may be wrong. Values stay: they are better than none. */
export function LiveBanner(): ReactNode {
  const { texts, count } = useWords();
  const connection = useConnection();
  const freshness = useFreshness();
  const stale = freshness.state === 'stale';
  return (
    <div role="status" className="banner-place">
      {(connection === 'down' || stale) && (
        <p className="banner">
          {connection === 'down'
            ? texts.live.down
            : stale && fill(texts.live.stale, { age: ageOf(freshness.seconds) })}
        </p>
      )}
    </div>
  );

  function ageOf(seconds: number): string {
    return seconds < 60
      ? // Steps of 10 s: a screen reader would read every second aloud.
        count(texts.live.seconds, Math.floor(seconds / 10) * 10)
      : count(texts.live.minutes, Math.floor(seconds / 60));
  }
}
