import type { EffectiveStreamMode } from '../../../api/values.ts';
import type { Plural, StateText } from '../../player/text/texts.ts';
import type { ChangeView } from '../core/snapshot.ts';
import type { HealthView } from '../core/health.ts';
import type { CauseKey, Fault } from '../core/signals.ts';

/** What is said of a cause. `{n}`, `{m}` and `{limit}` are its figures, `{platform}` is the platform's name. */
export interface CauseText {
  /** One sentence: what is wrong. */
  readonly what: string;
  /** What buyers see now. */
  readonly buyers: string;
  /** What the seller can do. */
  readonly advice: string;
  /** The figure and its limit; empty: there is none. */
  readonly figure: string;
}

type Reasons<Level extends HealthView['level']> = Extract<
  HealthView,
  { readonly level: Level; readonly reason: string }
>['reason'];

/** All words of the seller's view in one language. Plain data, so that an app can load it from a file. */
export interface SellerTexts {
  /** BCP 47 tag of the language: it decides plural forms, and how numbers, prices and times are written. */
  readonly locale: string;
  readonly direction: 'ltr' | 'rtl';
  /** Name of the view where the app sets no title. */
  readonly seller: string;
  readonly levels: Readonly<Record<HealthView['level'], string>>;
  readonly good: StateText;
  /** Good as far as it is sent; too few buyers report. */
  readonly goodUnreported: StateText;
  readonly unknown: Readonly<Record<Reasons<'unknown'>, StateText>>;
  readonly off: Readonly<Record<Reasons<'off'>, StateText>>;
  /** The host is not on camera: before the show, and during it. */
  readonly notBegun: StateText;
  readonly away: StateText;
  /** Instead of the first sentence of `away`; `{t}` is a time of day. */
  readonly awaySince: string;
  readonly causes: Readonly<Record<CauseKey, CauseText>>;
  /** Instead of the figure of sound-offset. */
  readonly soundEarly: string;
  readonly soundLate: string;
  /** Where a platform has no name. */
  readonly thePlatform: string;
  readonly faults: Readonly<Record<Fault, string>>;
  readonly labels: {
    readonly buyersSee: string;
    readonly advice: string;
    readonly fault: string;
    readonly figures: string;
    readonly onHls: string;
    readonly onAgora: string;
    readonly watching: string;
    readonly delay: string;
    readonly bitrate: string;
    readonly frameRate: string;
    readonly keyframes: string;
    readonly video: string;
  };
  readonly unknownFigure: string;
  /** `{n}` is a number of seconds. */
  readonly ago: Plural;
  readonly now: string;
  readonly units: {
    readonly seconds: string;
    readonly kbps: string;
    readonly framesPerSecond: string;
    readonly every: string;
  };
  /** Notes below a figure. */
  readonly notes: {
    readonly bothCounts: string;
    /** `{n}` of `{m}` players. */
    readonly estimated: string;
    /** Where the number of players is unknown, because none has reported. */
    readonly noneReported: string;
    readonly measured: string;
    readonly expected: string;
  };
  readonly history: {
    readonly title: string;
    readonly viewers: string;
    readonly bitrate: string;
    readonly table: string;
    readonly time: string;
    readonly none: string;
    /** `{least}` to `{most}`, `{last}` at the end; `{what}` is what is drawn. */
    readonly summary: string;
    readonly unknown: string;
  };
  readonly delivery: {
    readonly title: string;
    readonly modes: Readonly<Record<EffectiveStreamMode, string>>;
    readonly auto: string;
    /** `{price}` for 1,000 minutes. */
    readonly price: string;
    readonly priceUnknown: string;
    /** `{price}` an hour for the relay and the platform. */
    readonly base: string;
    readonly delay: string;
    readonly chosen: string;
    readonly choose: string;
    readonly breakEven: Plural;
    /** `{mode}` from `{t}`, a time of day. */
    readonly announced: string;
    readonly pending: string;
  };
  readonly confirm: {
    readonly mode: string;
    readonly stop: string;
    readonly viewers: Plural;
    readonly viewersUnknown: string;
    readonly price: string;
    readonly delay: string;
    readonly toAgora: string;
    readonly toHls: string;
    readonly toBoth: string;
    readonly stopped: string;
    readonly yes: Readonly<Record<'mode' | 'stop', string>>;
    readonly no: string;
  };
  readonly actions: { readonly start: string; readonly stop: string };
  readonly pending: Readonly<Record<ChangeView['kind'], string>>;
  readonly failed: Readonly<Record<ChangeView['kind'], string>>;
  readonly preview: {
    readonly title: string;
    readonly show: string;
    readonly hide: string;
    readonly free: string;
    /** `{price}` an hour. */
    readonly price: string;
    readonly priceUnknown: string;
    readonly connecting: string;
    readonly waiting: string;
    readonly stopped: string;
    readonly failed: string;
    readonly hidden: string;
    readonly behind: Plural;
  };
}
