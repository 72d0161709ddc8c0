import type { CloudStream } from '../fixtures/clouds/contract.ts';

/** One call of a platform's API that got past the faults in front of it. */
export interface JournalEntry {
  /** Of the wall clock. */
  readonly at: Date;
  readonly call: string;
  /** Path and body: what says which stream it is about. */
  readonly asked: string;
  answer: string | undefined;
  /** Id of the stream that it made. */
  made: string | undefined;
  /** Ids of those that had its name already: there must be none. */
  beside: readonly string[];
  /** The answer was sent to its end. */
  answered: boolean;
}

/** `asked`: nothing has happened yet. `done`: the effect is there, and the answer on its way. */
export type Moment = 'asked' | 'done';

/** What a platform was asked and said, for whoever wants to know what became of a stream. */
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

  /** Runs it, once, in the very moment of the next such call; what comes back takes the wish back. */
  atNext(moment: Moment, calls: readonly string[], run: () => void): () => void {
    const wish = { moment, calls, run };
    this.#waiting.add(wish);
    return () => {
      this.#waiting.delete(wish);
    };
  }

  /** A create gave this stream: the same as before, where creates can be said again. */
  gave(entry: JournalEntry, id: string, streams: readonly Pick<CloudStream, 'id' | 'name'>[]): void {
    if (this.#known.has(id)) return;
    this.#known.add(id);
    entry.made = id;
    const name = streams.find((stream) => stream.id === id)?.name ?? '';
    entry.beside = streams.flatMap((each) =>
      name !== '' && each.name === name && each.id !== id ? [each.id] : [],
    );
  }

  /** It may be made anew. */
  forget(id: string): void {
    this.#known.delete(id);
  }

  get creates(): readonly JournalEntry[] {
    return this.entries.filter(({ made }) => made !== undefined);
  }

  /** The streams that were made with this word in the request, e.g. the uid of their channel. */
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
