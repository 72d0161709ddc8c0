import type { LiveEvent } from '../../../src/web/dashboard/live/live-event.ts';
import { FakeService } from './fake-service.ts';

/** The service as a page in jsdom reaches it. */
export class FakePageService extends FakeService {
  /** All streams that were opened, also those that are closed. */
  readonly streams: FakeEventSource[] = [];

  /** A class to construct, as that of browsers is. */
  readonly EventSource: typeof EventSource = (() => {
    const { streams, sinks } = this;
    return class extends FakeEventSource {
      constructor(url: string | URL) {
        super(url);
        streams.push(this);
        const sink = (event: LiveEvent): void => this.deliver(event.id, event);
        sinks.add(sink);
        this.onClose = () => sinks.delete(sink);
      }
    } as unknown as typeof EventSource;
  })();

  /** The newest stream. */
  get stream(): FakeEventSource {
    const stream = this.streams.at(-1);
    if (stream === undefined) throw new Error('no stream was opened');
    return stream;
  }
}

/** The part of EventSource that tRPC's client uses. */
export class FakeEventSource extends EventTarget {
  readonly CLOSED = 2;
  readonly url: string;
  onClose: () => void = () => undefined;
  readyState = 0;

  constructor(url: string | URL) {
    super();
    this.url = String(url);
    queueMicrotask(() => this.open());
  }

  open(): void {
    if (this.readyState === 2) return;
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
    this.dispatchEvent(new MessageEvent('connected', { data: '{}' }));
  }

  deliver(lastEventId: string, data: unknown): void {
    if (this.readyState !== 1) throw new Error('the stream is not open');
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(data), lastEventId }));
  }

  /** The connection breaks; the browser connects again by itself unless `final`. */
  fail(final = false): void {
    this.readyState = final ? 2 : 0;
    this.dispatchEvent(new Event('error'));
  }

  close(): void {
    this.readyState = 2;
    this.onClose();
  }
}
