import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { PlatformError } from '../../../src/platforms/errors.ts';
import type {
  ObservedStream,
  Platform,
  ProvisionedStream,
  StreamId,
  StreamOwner,
  StreamRequest,
} from '../../../src/platforms/platform.ts';
import { streamName } from '../../../src/platforms/stream-name.ts';
import { eventually } from '../../support/wait/eventually.ts';
import type { RtmpsPublisher } from '../../support/ingest/rtmps-publisher.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';

/** One cluster's work with a platform under test: says calls, waits, and notes all that was said and heard. */
export class Trial {
  readonly subject: PlatformUnderTest;
  readonly clusterId = `cluster-${randomUUID()}`;
  readonly platform: Platform;
  readonly #heard: unknown[] = [];
  readonly #keys = new Set<string>();
  readonly #publishers = new Set<RtmpsPublisher>();

  constructor(subject: PlatformUnderTest) {
    this.subject = subject;
    this.platform = subject.open(this.clusterId, 'first');
  }

  get patienceSeconds(): number {
    return this.subject.patienceSeconds ?? 60;
  }

  /** What a channel that was just made asks for. */
  request(options: Partial<StreamRequest> = {}, owner: Partial<StreamOwner> = {}): StreamRequest {
    const playback = { latency: 'standard', access: 'public', recording: 'off', ...options } as const;
    const whole: StreamOwner = {
      clusterId: this.clusterId,
      platform: 'first',
      channelUid: randomUUID(),
      channel: 'shop/auction',
      ...owner,
    };
    return { name: streamName(whole, playback), owner: whole, attempt: randomUUID(), ...playback };
  }

  async create(request = this.request(), platform = this.platform): Promise<ProvisionedStream> {
    return this.note(await platform.createStream(request, signal()));
  }

  /** Keeps what came back for `leaks`. */
  note(stream: ProvisionedStream): ProvisionedStream {
    this.#keys.add(stream.streamKey.reveal());
    this.#heard.push(stream);
    return stream;
  }

  /** The PlatformError that the call ends with. */
  async failure(call: Promise<unknown>): Promise<PlatformError> {
    const error = await this.failureOf(call);
    if (error === undefined) throw new Error('it did not fail');
    return error;
  }

  /** The same, or undefined where it went well. */
  async failureOf(call: Promise<unknown>): Promise<PlatformError | undefined> {
    try {
      await call;
      return undefined;
    } catch (error) {
      this.#heard.push(error);
      if (error instanceof PlatformError) return error;
      throw error;
    }
  }

  /** Asks until it is so, for as long as the platform may be behind with what it lists. */
  settled<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
    return eventually(what, this.platform.capabilities.settleSeconds + 5, probe);
  }

  /** Ids that are listed, once `id` is among them. */
  listedWith(id: StreamId, platform = this.platform): Promise<readonly ObservedStream[]> {
    return this.settled(`${id} to be listed`, async () => {
      const listed = await platform.listStreams(signal());
      return listed.some((stream) => stream.id === id) ? listed : undefined;
    });
  }

  /** Resolves once `id` is not listed, nor found by its name. */
  async notListed(id: StreamId, name: string): Promise<void> {
    await this.settled(`${id} not to be listed`, async () => {
      const streams = [
        ...(await this.platform.listStreams(signal())),
        ...(await this.platform.findStreams(name, signal())),
      ];
      return streams.some((stream) => stream.id === id) ? undefined : true;
    });
  }

  until(what: string, id: StreamId, accept: (seen: ObservedStream) => boolean): Promise<ObservedStream> {
    return eventually(what, this.patienceSeconds, async () => {
      const seen = await this.platform.observeStream(id, signal());
      return seen && accept(seen) ? seen : undefined;
    });
  }

  publish(stream: ProvisionedStream): RtmpsPublisher {
    const publisher = this.subject.publish(stream);
    this.#publishers.add(publisher);
    return publisher;
  }

  /** Publishes, as often as it takes, as a relay does; resolves once the platform shows the stream as live. */
  async onAir(stream: ProvisionedStream, platform = this.platform): Promise<RtmpsPublisher> {
    let publisher: RtmpsPublisher | undefined;
    await eventually(`${stream.id} to be live`, this.patienceSeconds, async () => {
      if (publisher === undefined) {
        const started = this.publish(stream);
        publisher = started;
        void started.ended.then(() => {
          if (publisher === started) publisher = undefined;
        });
      }
      const seen = await platform.observeStream(stream.id, signal());
      return seen?.live === true ? true : undefined;
    });
    if (publisher === undefined) throw new Error(`${stream.id} is shown as live, and nobody publishes`);
    return publisher;
  }

  /** Deletes it, as often as the platform wants to be asked. */
  async delete(id: StreamId): Promise<void> {
    await eventually(`${id} to be gone`, this.patienceSeconds, async () =>
      (await this.platform.deleteStream(id, signal())) ? true : undefined,
    );
  }

  /** Resolves once the publisher was cut off, with how FFmpeg ended: not well, or it was not cut off. */
  async cutOff(publisher: RtmpsPublisher): Promise<number | null> {
    let code: number | null | undefined;
    void publisher.ended.then((end) => (code = end.code));
    await eventually('the publisher to be cut off', this.patienceSeconds, () =>
      Promise.resolve(code === undefined ? undefined : true),
    );
    return code ?? null;
  }

  /** Secrets that can be read in what came back, as a logger or a person would see it. */
  leaks(): readonly string[] {
    const text = this.#heard
      .map((one) => `${inspect(one, { depth: 12, showHidden: true })} ${JSON.stringify(one)}`)
      .join('\n');
    return [...this.subject.secrets, ...this.#keys].filter((secret) => text.includes(secret));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#publishers].map((publisher) => publisher.stop()));
  }
}

/** A limit for one call. */
export function signal(): AbortSignal {
  return AbortSignal.timeout(30_000);
}
