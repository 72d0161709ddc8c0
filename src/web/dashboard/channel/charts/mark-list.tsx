import type { ReactNode } from 'react';
import { useWords } from '../../app-context.ts';
import { ToneMark } from '../../parts/tone-mark.tsx';
import { fill, type Texts } from '../../text/words.ts';
import type { Mark } from './marks.ts';

interface MarkListProps {
  readonly marks: readonly Mark[];
  /** Shows a time in the charts. */
  readonly onShow: (time: number) => void;
}

/** What the lines in the charts stand for. */
export function MarkList({ marks, onShow }: MarkListProps): ReactNode {
  const { texts, dateTime } = useWords();
  return (
    <section className="marks" aria-label={texts.charts.moments}>
      <h3>{texts.charts.moments}</h3>
      {marks.length === 0 && <p className="quiet">{texts.charts.noMoments}</p>}
      <ol className="plain">
        {marks.map((mark) => (
          <li key={`${mark.at} ${mark.kind} ${mark.name} ${mark.text}`} className="mark">
            <button type="button" className="button small" onClick={() => onShow(mark.at)}>
              {dateTime(mark.at)}
            </button>
            <ToneMark tone={tones[mark.kind]}>{titleOf(mark, texts)}</ToneMark>
            <span className="quiet">{mark.text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

const tones = { mode: 'quiet', restart: 'fair', 'alert-raised': 'poor', 'alert-resolved': 'good' } as const;

function titleOf({ kind, name }: Mark, { charts }: Texts): string {
  switch (kind) {
    case 'mode':
      return charts.modeChange;
    case 'restart':
      return charts.restart;
    case 'alert-raised':
      return fill(charts.alertRaised, { kind: name });
    case 'alert-resolved':
      return fill(charts.alertResolved, { kind: name });
  }
}
