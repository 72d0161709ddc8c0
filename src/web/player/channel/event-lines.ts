/** One server-sent event. */
export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
}

/** Longer than any event of the service. */
const LONGEST_EVENT = 256 * 1_024;
const LONGEST_ID = 256;

/**
 * Decodes server-sent events from pieces of text, as https://html.spec.whatwg.org/multipage/server-sent-events.html defines
 * them. EventSource itself cannot send a ticket.
 */
export class EventLines {
  #rest = '';
  #type = '';
  #data: string[] = [];
  #size = 0;
  #lastId: string | undefined;

  /** Resumes after this event. */
  get lastId(): string | undefined {
    return this.#lastId;
  }

  /** @throws RangeError for an event that is longer than any of the service */
  push(piece: string): ServerSentEvent[] {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    const events: ServerSentEvent[] = [];
    for (const line of lines) {
      const event = this.#take(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (event !== undefined) events.push(event);
    }
    if (this.#rest.length > LONGEST_EVENT) throw new RangeError('an event is too long');
    return events;
  }

  #take(line: string): ServerSentEvent | undefined {
    if (line === '') return this.#finish();
    const colon = line.indexOf(':');
    // A comment, such as a heartbeat.
    if (colon === 0) return undefined;
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#type = value;
    else if (name === 'id') {
      if (value.length <= LONGEST_ID && !value.includes('\0')) this.#lastId = value;
    } else if (name === 'data') {
      this.#size += value.length;
      if (this.#size > LONGEST_EVENT) throw new RangeError('an event is too long');
      this.#data.push(value);
    }
    return undefined;
  }

  #finish(): ServerSentEvent | undefined {
    const event = { type: this.#type === '' ? 'message' : this.#type, data: this.#data.join('\n') };
    const isEmpty = this.#data.length === 0;
    this.#type = '';
    this.#data = [];
    this.#size = 0;
    return isEmpty ? undefined : event;
  }
}
