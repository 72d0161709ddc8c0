import { ticketFrom } from './embed-address.ts';

/** The request is repeated, because the embedding page may not listen yet. */
const REPEAT_MS = 1_000;
const TIMEOUT_MS = 10_000;

/** What the embedding page receives. */
export type EmbedMessage =
  /** Answer with `{type: 'livechannel:ticket', channelId, ticket}`; a ticket of null: the viewer may not watch. */
  | { readonly type: 'livechannel:ticket-request'; readonly channelId: string }
  | { readonly type: 'livechannel:state'; readonly channelId: string; readonly state: string }
  /** Viewers should watch on Agora from this time (ISO 8601); HLS plays until the iframe is removed. */
  | { readonly type: 'livechannel:use-agora'; readonly channelId: string; readonly at: string };

/** The page that embeds this one. Messages go to pages of its origin and come from it alone. */
export class ParentPage {
  readonly #window: Window;
  readonly #origin: string;
  readonly #channelId: string;
  #asking: Promise<string | undefined> | undefined;

  constructor(own: Window, origin: string, channelId: string) {
    this.#window = own;
    this.#origin = origin;
    this.#channelId = channelId;
  }

  post(message: EmbedMessage): void {
    const { parent } = this.#window;
    if (parent !== this.#window) parent.postMessage(message, this.#origin);
  }

  /** Calls `receive` for each `{type: 'livechannel:agora', channelId, uplinkQuality, sendLossPercent}` of the page. */
  onAgora(receive: (figures: AgoraMessage) => void): () => void {
    return this.#listen((data) => {
      const figures = agoraFiguresOf(data, this.#channelId);
      if (figures !== undefined) receive(figures);
    });
  }

  /** Asks for a ticket; undefined: the page has none, or does not answer. */
  ticket(): Promise<string | undefined> {
    return (this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    }));
  }

  #ask(): Promise<string | undefined> {
    if (this.#window.parent === this.#window) return Promise.resolve(undefined);
    const request = { type: 'livechannel:ticket-request', channelId: this.#channelId } as const;
    return new Promise((resolve) => {
      const end = (ticket: string | undefined): void => {
        stop();
        clearInterval(repeat);
        clearTimeout(timeout);
        resolve(ticket);
      };
      const stop = this.#listen((data) => {
        const answer = answerOf(data, this.#channelId);
        if (answer !== undefined) end(answer.ticket);
      });
      const repeat = setInterval(() => this.post(request), REPEAT_MS);
      const timeout = setTimeout(() => end(undefined), TIMEOUT_MS);
      this.post(request);
    });
  }

  /** Calls `receive` for each message of the embedding page. Returns how to stop. */
  #listen(receive: (data: unknown) => void): () => void {
    const own = this.#window;
    const listener = ({ origin, source, data }: MessageEvent): void => {
      if (origin === this.#origin && source === own.parent && source !== own) receive(data);
    };
    own.addEventListener('message', listener);
    return () => own.removeEventListener('message', listener);
  }
}

/** Figures of the seller's own Agora client, for the page of the seller. Their bounds are checked where they are used. */
export interface AgoraMessage {
  readonly uplinkQuality: number | undefined;
  readonly sendLossPercent: number | undefined;
}

function agoraFiguresOf(data: unknown, channelId: string): AgoraMessage | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const message = data as Readonly<Record<string, unknown>>; // an object, checked above
  if (message['type'] !== 'livechannel:agora' || String(message['channelId']) !== channelId) return undefined;
  const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
  return {
    uplinkQuality: number(message['uplinkQuality']),
    sendLossPercent: number(message['sendLossPercent']),
  };
}

function answerOf(data: unknown, channelId: string): { readonly ticket: string | undefined } | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { type, channelId: of, ticket } = data as Readonly<Record<string, unknown>>; // an object, checked above
  if (type !== 'livechannel:ticket' || String(of) !== channelId) return undefined;
  return { ticket: ticketFrom(ticket) };
}
