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
  /** The answer was sent to its end. */
  answered: boolean;
}

/** What a platform was asked and said, for whoever wants to know what became of a stream. */
export class Journal {
  readonly entries: JournalEntry[] = [];

  add(call: string, asked: string): JournalEntry {
    const entry = { at: new Date(), call, asked, answer: undefined, made: undefined, answered: false };
    this.entries.push(entry);
    return entry;
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
}
