import type { Readable } from 'node:stream';
import { UnreadableObjectError } from './errors.ts';
import type { Selection } from './list.ts';
import { apiErrorOf, asRecord } from './status-answer.ts';
import { translate } from './transport.ts';

export interface WatchOptions extends Selection {
  readonly resourceVersion: string;
  /** The server ends the watch after this time. */
  readonly timeoutSeconds: number;
  /** Fail if nothing arrives for this time, not even a bookmark (the server sends one a minute). Default 180 s. */
  readonly inactivityMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An event of a watch. `object` is not decoded; a BOOKMARK has only a resourceVersion. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: unknown;
}

/**
 * Parses the events of a watch's body: one JSON document per line.
 * @throws ApiError on an ERROR event, UnreadableObjectError on an unknown type
 */
export async function* readEvents(
  what: string,
  body: Readable,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchEvent> {
  try {
    for await (const line of lines(body)) yield eventOf(what, line);
  } catch (error) {
    throw translate(what, error, signal);
  } finally {
    body.destroy();
  }
}

function eventOf(what: string, line: string): WatchEvent {
  const { type, object } = asRecord(JSON.parse(line));
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return { type, object };
    case 'ERROR':
      throw apiErrorOf(what, object);
    default:
      throw new UnreadableObjectError(`${what}: unknown event type ${String(type)}`);
  }
}

async function* lines(body: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue;
    const text = decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const line = rest + text.slice(from, end);
      rest = '';
      from = end + 1;
      if (line !== '') yield line;
    }
    rest += text.slice(from);
  }
}
