import type { ServerEvent } from '../../contract/events.ts';
import { isAfter, type Position } from '../../../api/event-id.ts';

interface Entry {
  readonly position: Position;
  readonly channelId: string;
  readonly event: ServerEvent;
}

/** The newest events, for subscribers that reconnect. Bounded: after a longer absence, they receive snapshots. */
export class EventHistory {
  readonly #most: number;
  #entries: Entry[] = [];
  /** All events after this position are in the history; undefined before the first event. */
  #from: Position | undefined;

  constructor(most = 2_000) {
    this.#most = most;
  }

  add(entry: Entry): void {
    // Changes between the first list and the first event were not observed: the history is complete from that event on.
    this.#from ??= entry.position;
    this.#entries.push(entry);
    if (this.#entries.length < 2 * this.#most) return;
    // Dropped in bulk, so that the amortized cost per event is low.
    const dropped = this.#entries.splice(0, this.#entries.length - this.#most);
    this.#from = dropped.at(-1)?.position ?? this.#from;
  }

  /**
   * Events after `position`, of one channel or of all; undefined if they are no longer known. Events that are superseded
   * by a later one of the same channel and type are left out.
   */
  after(position: Position, channelId: string | undefined): readonly ServerEvent[] | undefined {
    if (this.#from === undefined || isAfter(this.#from, position)) return undefined;
    const since = this.#entries.filter(
      (entry) =>
        isAfter(entry.position, position) && (channelId === undefined || entry.channelId === channelId),
    );
    const newest = new Map(since.map(({ channelId: id, event }) => [`${id} ${event.type}`, event]));
    return since
      .filter(({ channelId: id, event }) => newest.get(`${id} ${event.type}`) === event)
      .map(({ event }) => event);
  }
}
