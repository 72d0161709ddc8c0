import type { CloudStream } from '../fixtures/clouds/contract.ts';

/** One call of a platform's API that passed the injected faults in front of it. */
export interface JournalEntry {
  /** Wall-clock time. */
  readonly at: Date;
  readonly call: string;
  /** Path and body, which identify the stream. */
  readonly asked: string;
  answer: string | undefined;
  /** ID of the created stream. */
  made: string | undefined;
  /** IDs of streams that already had its name: there must be none. */
  beside: readonly string[];
  /** The response was sent completely. */
  answered: boolean;
}

/** `asked`: nothing has happened yet. `done`: the effect has happened and the response is being sent. */
export type Moment = 'asked' | 'done';

/** All calls to a platform with their responses, to find out what happened to a stream. */
export class Journal {
  readonly entries: JournalEntry[] = [];
  readonly #known = new Set<string>();
  readonly #waiting = new Set<{
    readonly moment: Moment;
    readonly calls: readonly string[];
    readonly run: () => void;
  }>();

  add(call: string, asked: string): JournalEntry {
    const entry: JournalEntry = {
      ...{ at: new Date(), call, asked, answer: undefined },
      ...{ made: undefined, beside: [], answered: false },
    };
    this.entries.push(entry);
    this.#tell('asked', entry);
    return entry;
  }

  done(entry: JournalEntry): void {
    this.#tell('done', entry);
  }

  /** Runs `run` once, at that moment of the next matching call. The returned function cancels it. */
  atNext(moment: Moment, calls: readonly string[], run: () => void): () => void {
    const wish = { moment, calls, run };
    this.#waiting.add(wish);
    return () => {
      this.#waiting.delete(wish);
    };
  }

  /** Records that a create returned this stream: an existing one if the create was idempotent. */
  gave(entry: JournalEntry, id: string, streams: readonly Pick<CloudStream, 'id' | 'name'>[]): void {
    if (this.#known.has(id)) return;
    this.#known.add(id);
    entry.made = id;
    const name = streams.find((stream) => stream.id === id)?.name ?? '';
    entry.beside = streams.flatMap((each) =>
      name !== '' && each.name === name && each.id !== id ? [each.id] : [],
    );
  }

  /** Forgets the stream, so that it may be created again. */
  forget(id: string): void {
    this.#known.delete(id);
  }

  get creates(): readonly JournalEntry[] {
    return this.entries.filter(({ made }) => made !== undefined);
  }

  /** Streams whose create request contained this word, e.g. the UID of their channel. */
  madeFor(word: string): string[] {
    return this.creates.flatMap(({ asked, made }) =>
      asked.includes(word) && made !== undefined ? [made] : [],
    );
  }

  about(words: readonly string[]): readonly JournalEntry[] {
    return this.entries.filter(({ asked, answer = '' }) =>
      words.some((word) => asked.includes(word) || (answer.length < 4_000 && answer.includes(word))),
    );
  }

  #tell(moment: Moment, { call }: JournalEntry): void {
    for (const wish of this.#waiting) {
      if (wish.moment !== moment || !wish.calls.includes(call)) continue;
      this.#waiting.delete(wish);
      wish.run();
    }
  }
}
