import type { ServerEvent } from '../../contract.ts';
import { isAfter, type Position } from './event-id.ts';

interface Entry {
  readonly position: Position;
  readonly channelId: string;
  readonly event: ServerEvent;
}

/** The newest events, for those who come back. Bounded: who was away for longer is told everything as it is now. */
export class EventHistory {
  readonly #most: number;
  #entries: Entry[] = [];
  /** Everything after this is here; undefined: not even the present is known to be complete. */
  #from: Position | undefined;

  constructor(most = 2_000) {
    this.#most = most;
  }

  add(entry: Entry): void {
    // What happened between the first list and the first event nobody told: it is known from that event on.
    this.#from ??= entry.position;
    this.#entries.push(entry);
    if (this.#entries.length < 2 * this.#most) return;
    // In one go, so that it costs little each time.
    const dropped = this.#entries.splice(0, this.#entries.length - this.#most);
    this.#from = dropped.at(-1)?.position ?? this.#from;
  }

  /**
   * What happened after that, to one channel or to all; undefined when that is not known any more. A state that was
   * followed by another one of the same channel is left out.
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
