import { useState, type ReactNode } from 'react';
import { Announcer } from '../../player/ui/overlay/announcer.tsx';
import type { HealthView } from '../core/health.ts';
import { healthMessage, healthSignature, type CauseMessage } from './health-message.ts';
import { useSellerWords } from './words-context.ts';

interface HealthPanelProps {
  readonly health: HealthView;
  readonly platform: string | undefined;
}

/** One sentence in front, then at most two causes. Screen readers hear each change once, and no figure that changes. */
export function HealthPanel({ health, platform }: HealthPanelProps): ReactNode {
  const words = useSellerWords();
  const { level, what, next, causes } = healthMessage(health, words, platform);
  const text = [`${words.levels[level]}.`, what, next, ...causes.map(({ advice }) => advice)]
    .join(' ')
    .trim();
  const announced = useFirst(`${words.locale} ${healthSignature(health)}`, text);
  return (
    <div className="lcs-health" data-level={level}>
      <p className="lcs-level">
        <span className="lc-dot" aria-hidden="true" />
        {words.levels[level]}
      </p>
      <p className="lcs-sentence">{what}</p>
      {next !== '' && <p className="lcs-quiet">{next}</p>}
      {causes.length > 0 && (
        <ul className="lcs-causes">
          {causes.map((cause, index) => (
            <CauseItem key={cause.key} cause={cause} isFirst={index === 0} />
          ))}
        </ul>
      )}
      <Announcer message={announced} />
    </div>
  );
}

/** The sentence of the first cause stands in front already. */
function CauseItem({
  cause: { level, what, buyers, advice, fault, figure },
  isFirst,
}: {
  readonly cause: CauseMessage;
  readonly isFirst: boolean;
}): ReactNode {
  const { labels } = useSellerWords();
  return (
    <li className="lcs-cause" data-level={level}>
      {!isFirst && <p className="lcs-what">{what}</p>}
      <dl>
        <Row label={labels.buyersSee} text={buyers} />
        <Row label={labels.advice} text={advice} />
        <Row label={labels.fault} text={fault} />
        {figure !== '' && <Row label={labels.figures} text={figure} />}
      </dl>
    </li>
  );
}

function Row({ label, text }: { readonly label: string; readonly text: string }): ReactNode {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{text}</dd>
    </div>
  );
}

/** The text as it was when `key` became what it is. */
function useFirst(key: string, text: string): string {
  const [first, setFirst] = useState({ key, text });
  if (first.key === key) return first.text;
  setFirst({ key, text });
  return text;
}
