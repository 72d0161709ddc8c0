import type { StateText } from '../../player/text/texts.ts';
import type { Cause, HealthView } from '../core/health.ts';
import type { SellerWords } from '../text/words.ts';

export interface CauseMessage {
  readonly key: Cause['key'];
  readonly level: Cause['level'];
  readonly what: string;
  readonly buyers: string;
  readonly advice: string;
  /** Whose it is. */
  readonly fault: string;
  /** The figure and its limit; empty: there is none. */
  readonly figure: string;
}

/** What is said of a show: one sentence in front, and what there is to know of it. */
export interface HealthMessage extends StateText {
  readonly level: HealthView['level'];
  readonly causes: readonly CauseMessage[];
}

export function healthMessage(
  view: HealthView,
  words: SellerWords,
  platform: string | undefined,
): HealthMessage {
  if ('causes' in view) {
    const causes = view.causes.map((cause) => causeMessage(cause, words, platform));
    return { level: view.level, what: causes[0]?.what ?? '', next: '', causes };
  }
  return { level: view.level, ...stateText(view, words), causes: [] };
}

/** Changes when something else is to be announced: not with each new figure. */
export function healthSignature(view: HealthView): string {
  switch (view.level) {
    case 'fair':
    case 'poor':
      return [view.level, ...view.causes.map(({ key }) => key)].join(' ');
    case 'good':
      return 'good';
    case 'away':
      return `away ${String(view.begun)}`;
    case 'unknown':
    case 'off':
      return `${view.level} ${view.reason}`;
  }
}

function stateText(view: Exclude<HealthView, { readonly causes: unknown }>, words: SellerWords): StateText {
  switch (view.level) {
    case 'good':
      return view.buyersReport ? words.good : words.goodUnreported;
    case 'unknown':
      return words.unknown[view.reason];
    case 'off':
      return words.off[view.reason];
    case 'away': {
      if (!view.begun) return words.notBegun;
      if (view.since === undefined) return words.away;
      return { ...words.away, what: words.filled(words.awaySince, { t: words.time(view.since) }) };
    }
  }
}

function causeMessage(
  { key, level, fault, figures }: Cause,
  words: SellerWords,
  platform: string | undefined,
): CauseMessage {
  const text = words.causes[key];
  const values: Readonly<Record<string, string>> = {
    ...Object.fromEntries(
      Object.entries(figures).map(([name, value]) => [name, words.number(Math.abs(value))]),
    ),
    platform: platform ?? words.thePlatform,
  };
  const sound = (figures['n'] ?? 0) < 0 ? words.soundEarly : words.soundLate;
  return {
    ...{ key, level, advice: text.advice, fault: words.faults[fault] },
    what: words.filled(text.what, values),
    buyers: words.filled(text.buyers, values),
    figure: words.filled(key === 'sound-offset' ? sound : text.figure, values),
  };
}
