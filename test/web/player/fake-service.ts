/** What a request of the player was. */
export interface ServiceRequest {
  readonly method: string;
  readonly path: string;
  readonly ticket: string | undefined;
  readonly lastEventId: string | undefined;
  readonly body: string | undefined;
}

const API = 'https://api.example';
const CHANNEL = '/v1/channels/show%201';

/** The service as `fetch` sees it: answers that a test sets, and an event stream that it writes. */
export class FakeService {
  readonly api = API;
  readonly channelId = 'show 1';
  readonly requests: ServiceRequest[] = [];
  /** Answers by path below the channel, such as `/playback`. */
  readonly answers = new Map<string, () => Response | Promise<Response>>();
  #events: ReadableStreamDefaultController<Uint8Array> | undefined;

  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = input instanceof Request ? input.url : String(input);
    const headers = new Headers(init.headers);
    const path = url.slice(API.length + CHANNEL.length);
    if (!url.startsWith(API + CHANNEL)) throw new TypeError(`unexpected address ${url}`);
    this.requests.push({
      method: init.method ?? 'GET',
      path,
      ticket: headers.get('authorization')?.replace('Bearer ', ''),
      lastEventId: headers.get('last-event-id') ?? undefined,
      body: typeof init.body === 'string' ? init.body : undefined,
    });
    const answer = this.answers.get(path);
    if (answer !== undefined) return answer();
    throw new TypeError('no network');
  };

  /** Answers requests for events with a stream that `send` writes. */
  openEvents(): void {
    this.answers.set('/events', () => {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          this.#events = controller;
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    });
  }

  send(id: string, type: string, data: unknown): void {
    const text = `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#events?.enqueue(new TextEncoder().encode(text));
  }

  endEvents(): void {
    this.#events?.close();
  }

  /** Paths of the requests since the last call. */
  takePaths(): string[] {
    return this.requests.splice(0).map(({ path }) => path);
  }
}

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

export function channelView(changes: object = {}, relay: object = {}): object {
  return {
    id: 'show 1',
    effectiveStreamMode: 'hybrid',
    playbackUrl: 'https://cdn.example/a.m3u8',
    deleting: false,
    relay: { isActive: true, wanted: true, status: 'active', startedAt: '2026-01-01T00:00:00Z', ...relay },
    ...changes,
  };
}

export function playbackView(changes: object = {}): object {
  return { hlsUrl: 'https://cdn.example/a.m3u8', latency: 6, expiresAt: null, onAir: true, ...changes };
}
