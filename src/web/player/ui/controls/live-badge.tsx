import type { ReactNode } from 'react';
import type { LatencyView } from '../../core/snapshot.ts';
import type { Words } from '../../text/words.ts';
import { useWords } from '../words-context.ts';

/** How far behind, as far as it is known: no figure is better than a wrong one. */
export function behindText({ behindSeconds, atEdge }: LatencyView, words: Words): string | undefined {
  if (behindSeconds === undefined) return atEdge ? undefined : words.live.behind;
  if (behindSeconds < 60) return words.count(words.live.seconds, behindSeconds);
  return words.count(words.live.minutes, Math.floor(behindSeconds / 60));
}

/** LIVE at the edge; behind it, a button that returns there. Not announced: it changes every second. */
export function LiveBadge({
  latency,
  onGoLive,
}: {
  readonly latency: LatencyView;
  readonly onGoLive: () => void;
}): ReactNode {
  const words = useWords();
  const behind = behindText(latency, words);
  return (
    <button
      type="button"
      className="lc-live"
      data-edge={latency.atEdge}
      aria-keyshortcuts="l"
      title={latency.atEdge ? undefined : words.live.goLive}
      onClick={onGoLive}
    >
      <span className="lc-dot" aria-hidden="true" />
      {latency.atEdge && <strong>{words.live.live}</strong>}
      {behind !== undefined && <span>{behind}</span>}
    </button>
  );
}
