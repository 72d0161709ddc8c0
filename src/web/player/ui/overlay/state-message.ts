import type { PlayerSnapshot, PlayerState } from '../../core/snapshot.ts';
import type { StateText } from '../../text/texts.ts';
import type { Words } from '../../text/words.ts';

export type StateAction = 'retry' | 'play' | 'use-agora' | 'save-data';

/** What is said of a state. */
export interface StateMessage extends StateText {
  /** cover: in the middle, over a frame that stands still. notice: at the edge, because video may be playing. */
  readonly layout: 'cover' | 'notice';
  /** Something is under way that ends by itself. */
  readonly busy: boolean;
  readonly actions: readonly StateAction[];
}

export interface MessageContext {
  readonly words: Words;
  /** Milliseconds since the epoch; undefined: without times, as a server renders it and a screen reader hears it. */
  readonly now: number | undefined;
  /** Whether the app has a way to Agora. */
  readonly canUseAgora: boolean;
}

/** A start or a stall that lasts longer is not what a viewer is used to. */
const USUAL_WAIT_MS = 15_000;

const looks: Readonly<
  Record<Exclude<PlayerState, 'playing' | 'use-agora'>, Omit<StateMessage, keyof StateText>>
> = {
  connecting: { layout: 'cover', busy: true, actions: [] },
  'waiting-for-host': { layout: 'cover', busy: true, actions: [] },
  'tap-to-play': { layout: 'cover', busy: false, actions: ['play'] },
  paused: { layout: 'cover', busy: false, actions: ['play'] },
  buffering: { layout: 'notice', busy: true, actions: [] },
  reconnecting: { layout: 'cover', busy: true, actions: ['retry'] },
  migrating: { layout: 'notice', busy: true, actions: [] },
  ended: { layout: 'cover', busy: false, actions: [] },
  'not-allowed': { layout: 'cover', busy: false, actions: ['retry'] },
  'platform-out': { layout: 'cover', busy: true, actions: ['retry'] },
  unsupported: { layout: 'cover', busy: false, actions: ['use-agora'] },
};

/** undefined while the show is playing: there is nothing to say over it. */
export function stateMessage(snapshot: PlayerSnapshot, context: MessageContext): StateMessage | undefined {
  const { state } = snapshot;
  if (state === 'playing') return undefined;
  if (state === 'use-agora') return agoraMessage(snapshot, context);
  const look = looks[state];
  const actions = [...look.actions, ...extraActions(snapshot, context)].filter(
    (action) => action !== 'use-agora' || context.canUseAgora,
  );
  const text = textOf(snapshot, state, context.words);
  return { ...look, ...text, actions, next: timedNext(snapshot, context) ?? text.next };
}

function agoraMessage(
  { since, agoraAt }: PlayerSnapshot,
  { words, now, canUseAgora }: MessageContext,
): StateMessage {
  const look = { layout: 'notice', busy: false } as const;
  const text = words.states['use-agora'];
  const seconds = secondsUntil(agoraAt, now ?? since);
  if (seconds > 0) {
    const next = now === undefined ? text.next : words.count(words.agoraIn, seconds);
    return { ...look, what: words.agoraSoon, next, actions: [] };
  }
  if (canUseAgora) return { ...look, ...text, actions: ['use-agora'] };
  return { ...look, ...text, next: words.agoraElsewhere, actions: [] };
}

function textOf(snapshot: PlayerSnapshot, state: Exclude<PlayerState, 'playing'>, words: Words): StateText {
  const { cause } = snapshot.connection;
  const waits = state === 'connecting' || state === 'buffering' || state === 'reconnecting';
  if (waits && cause === 'offline') return words.offline;
  if (state === 'buffering' && canSaveData(snapshot)) return words.slowNetwork;
  if (state === 'waiting-for-host' && snapshot.hasPicture) return words.hostAway;
  return words.states[state];
}

/** What happens next, where it depends on the time. */
function timedNext(
  { state, since, retryAt, connection }: PlayerSnapshot,
  { words, now }: MessageContext,
): string | undefined {
  if (now === undefined) return undefined;
  if (state === 'reconnecting' || state === 'platform-out') {
    if (retryAt === undefined || connection.cause === 'offline') return undefined;
    const seconds = secondsUntil(retryAt, now);
    return seconds > 0 ? words.count(words.retryIn, seconds) : words.retryNow;
  }
  return isSlow(state, since, now) ? words.slow : undefined;
}

function extraActions(snapshot: PlayerSnapshot, { now }: MessageContext): StateAction[] {
  const { state, since } = snapshot;
  if (state === 'buffering' && canSaveData(snapshot)) return ['save-data'];
  return now !== undefined && isSlow(state, since, now) ? ['retry'] : [];
}

const isSlow = (state: PlayerState, since: number, now: number): boolean =>
  (state === 'connecting' || state === 'buffering') && now - since > USUAL_WAIT_MS;

const canSaveData = ({ quality, connection }: PlayerSnapshot): boolean =>
  connection.cause === 'slow-network' && quality.options.length > 1 && !quality.dataSaver;

const secondsUntil = (at: number | undefined, now: number): number =>
  at === undefined ? 0 : Math.ceil((at - now) / 1_000);

/** What a screen reader hears: state changes, and LIVE <-> behind; no figure that changes by itself. */
export function announcement(snapshot: PlayerSnapshot, words: Words, canUseAgora: boolean): string {
  const message = stateMessage(snapshot, { words, now: undefined, canUseAgora });
  if (message !== undefined) return `${message.what} ${message.next}`;
  return snapshot.latency.atEdge ? words.playingLive : words.playingBehind;
}
