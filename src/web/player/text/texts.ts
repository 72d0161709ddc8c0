import type { ConnectionCause, ConnectionQuality, PlayerState, ProblemKind } from '../core/snapshot.ts';
import type { ShortcutCommand } from '../ui/input/shortcuts.ts';

/** A sentence for each plural form that the language has, by Intl.PluralRules; `{n}` stands for the number. */
export type Plural = { readonly other: string } & Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;

/** One sentence on what is going on, one on what happens next or what to do. */
export interface StateText {
  readonly what: string;
  readonly next: string;
}

/** All words of the player in one language. Plain data, so that an app can load it from a file. */
export interface Texts {
  /** BCP 47 tag of the language: it decides plural forms, and how numbers are written. */
  readonly locale: string;
  readonly direction: 'ltr' | 'rtl';
  /** Name of the player where the app sets no title. */
  readonly player: string;
  readonly states: Readonly<Record<Exclude<PlayerState, 'playing'>, StateText>>;
  /** waiting-for-host, once a frame has been shown. */
  readonly hostAway: StateText;
  /** The browser reports that it has no network. */
  readonly offline: StateText;
  /** buffering, where a lower level helps. */
  readonly slowNetwork: StateText;
  /** Instead of `next`, after a time in connecting or buffering. */
  readonly slow: string;
  readonly retryIn: Plural;
  readonly retryNow: string;
  /** use-agora, before the time has come. */
  readonly agoraSoon: string;
  readonly agoraIn: Plural;
  /** use-agora, where the app has no way to it. */
  readonly agoraElsewhere: string;
  /** Announced to screen readers. */
  readonly playingLive: string;
  readonly playingBehind: string;
  readonly actions: {
    readonly retry: string;
    readonly play: string;
    readonly useAgora: string;
    readonly saveData: string;
    readonly sound: string;
  };
  readonly controls: {
    readonly play: string;
    readonly pause: string;
    readonly mute: string;
    readonly unmute: string;
    readonly volume: string;
    readonly captions: string;
    readonly pictureInPicture: string;
    readonly airPlay: string;
    readonly fullScreen: string;
    readonly leaveFullScreen: string;
    readonly more: string;
    readonly report: string;
    readonly shortcuts: string;
    readonly close: string;
  };
  readonly live: {
    readonly live: string;
    /** `{n}` is a number of seconds; short, for the badge. */
    readonly seconds: Plural;
    readonly minutes: Plural;
    /** Behind by an unknown time. */
    readonly behind: string;
    readonly goLive: string;
  };
  readonly quality: {
    readonly quality: string;
    readonly auto: string;
    /** `{quality}` is such as 720p. */
    readonly only: string;
    readonly dataSaver: string;
    /** `{n}` is a number of Mbit/s. */
    readonly rate: string;
  };
  readonly connection: Readonly<Record<Exclude<ConnectionQuality, 'unknown'>, string>>;
  readonly causes: Readonly<Record<ConnectionCause, string>>;
  readonly problems: Readonly<Record<ProblemKind, string>>;
  readonly report: { readonly intro: string; readonly sent: string };
  readonly shortcuts: Readonly<Record<ShortcutCommand, string>>;
  readonly space: string;
}
