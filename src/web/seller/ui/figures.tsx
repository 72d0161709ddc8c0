import type { ReactNode } from 'react';
import type { BuyerFacts } from '../core/facts.ts';
import type { SellerSnapshot } from '../core/snapshot.ts';
import type { SellerWords } from '../text/words.ts';
import { useSellerWords } from './words-context.ts';

type FiguresProps = Pick<
  SellerSnapshot,
  'viewers' | 'numbersAge' | 'buyers' | 'buyersAge' | 'delay' | 'media'
>;

/** What is measured now, each figure with its age. What is unknown is said to be, and is never 0. */
export function Figures({ viewers, numbersAge, buyers, buyersAge, delay, media }: FiguresProps): ReactNode {
  const words = useSellerWords();
  const { labels, notes, units } = words;
  const size = media?.height === undefined ? undefined : `${String(media.height)}p`;
  return (
    <>
      <dl className="lcs-figures">
        <Figure label={labels.onHls} value={words.figure('{n}', viewers.hls)} age={numbersAge} />
        <Figure label={labels.onAgora} value={words.figure('{n}', viewers.agora)} age={numbersAge} />
        <Figure
          label={labels.watching}
          value={words.figure('{n}', buyers?.watching)}
          note={buyers && reportedBy(buyers, words)}
          age={buyersAge}
        />
        <Figure
          label={labels.delay}
          value={words.figure(units.seconds, delay?.seconds)}
          note={delay && (delay.measured ? notes.measured : notes.expected)}
          age={delay?.measured === true ? buyersAge : undefined}
        />
        <Figure label={labels.video} value={size ?? words.unknownFigure} age={media && numbersAge} />
        <Figure
          label={labels.bitrate}
          value={words.figure(units.kbps, rounded(media?.inKbps))}
          age={media && numbersAge}
        />
        <Figure
          label={labels.frameRate}
          value={words.figure(units.framesPerSecond, rounded(media?.frameRate))}
          age={media && numbersAge}
        />
        <Figure
          label={labels.keyframes}
          value={words.figure(units.every, media?.keyframeSeconds)}
          age={media && numbersAge}
        />
      </dl>
      {viewers.hls !== undefined && viewers.agora !== undefined && viewers.agora > 0 && (
        <p className="lcs-quiet lcs-note">{notes.bothCounts}</p>
      )}
    </>
  );
}

/** What the number of players stands for. That none has reported does not say that there is none. */
function reportedBy(
  { watching, connected, sessions }: Omit<BuyerFacts, 'at'>,
  words: SellerWords,
): string | undefined {
  const { notes, number } = words;
  if (watching === undefined || connected === undefined)
    return sessions === 0 ? notes.noneReported : undefined;
  return words.filled(notes.estimated, { n: number(watching), m: number(connected) });
}

interface FigureProps {
  readonly label: string;
  readonly value: string;
  readonly note?: string | undefined;
  /** Whole seconds; undefined: not known, or of no concern. */
  readonly age: number | undefined;
}

function Figure({ label, value, note, age }: FigureProps): ReactNode {
  const words = useSellerWords();
  const isUnknown = value === words.unknownFigure;
  const shownAge = age === undefined || isUnknown ? undefined : ageText(age, words);
  return (
    <div className="lcs-figure" data-unknown={isUnknown}>
      <dt>{label}</dt>
      <dd>
        <span className="lcs-value">{value}</span>
        {note !== undefined && <small>{note}</small>}
        {shownAge !== undefined && <small>{shownAge}</small>}
      </dd>
    </div>
  );
}

/** Reports arrive every 1 to 4 s. */
const ageText = (age: number, words: SellerWords): string =>
  age < 3 ? words.now : words.count(words.ago, age);

const rounded = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value);
