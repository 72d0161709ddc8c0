/** The operator process ended here: its memory is lost. */
export class Crash extends Error {}

/** A call to a platform failed. With `lost`, it may have had its effect nevertheless. */
export class CloudFailure extends Error {
  readonly why: 'out' | 'full' | 'lost';
  constructor(why: 'out' | 'full' | 'lost') {
    super(why);
    this.why = why;
  }
}

export interface CloudStream {
  readonly id: string;
  readonly name: string;
  readonly attempt: string;
  readonly createdAt: number;
  key: string;
  deletedAt: number | undefined;
}

interface Kind {
  /** Creating again with the same attempt returns the same stream. */
  readonly idempotent: boolean;
  /** For this time, lists are out of date. */
  readonly settleSeconds: number;
}

/**
 * A streaming platform. Its API and its ingest fail independently, and its lists are as late as they are allowed to be.
 */
export class SimulatedCloud {
  readonly name: string;
  readonly kind: Kind;
  answering = true;
  ingestUp = true;
  full = false;
  /** The outcome of the next create: it succeeds and the answer is lost, or the request is lost. */
  nextCreate: 'answer-lost' | 'call-lost' | undefined;
  /** Names with which a second stream was created while the first existed. */
  readonly duplicates: string[] = [];
  readonly #all: CloudStream[] = [];
  readonly #time: () => number;

  constructor(name: string, kind: Kind, time: () => number) {
    this.name = name;
    this.kind = kind;
    this.#time = time;
  }

  /** The streams that exist and cost money. */
  streams(): readonly CloudStream[] {
    return this.#all.filter(({ deletedAt }) => deletedAt === undefined);
  }

  find(name: string): readonly CloudStream[] {
    this.#mustAnswer();
    const listedAt = this.#time() - this.kind.settleSeconds * 1_000;
    return this.#all.filter(
      (stream) =>
        stream.name === name && stream.createdAt <= listedAt && (stream.deletedAt ?? Infinity) > listedAt,
    );
  }

  open(id: string): CloudStream | undefined {
    this.#mustAnswer();
    return this.streams().find((stream) => stream.id === id);
  }

  create(name: string, attempt: string, id: string): CloudStream {
    this.#mustAnswer();
    const loss = this.nextCreate;
    this.nextCreate = undefined;
    if (loss === 'call-lost') throw new CloudFailure('lost');
    if (this.full) throw new CloudFailure('full');
    const stream = this.#create(name, attempt, id);
    if (loss === 'answer-lost') throw new CloudFailure('lost');
    return stream;
  }

  rotate(id: string, key: string): CloudStream | undefined {
    const stream = this.open(id);
    if (stream !== undefined) stream.key = key;
    return stream;
  }

  delete(id: string): void {
    const stream = this.open(id);
    if (stream !== undefined) stream.deletedAt = this.#time();
  }

  /** Someone deletes all streams at the platform itself. */
  vanish(): void {
    for (const stream of this.streams()) stream.deletedAt = this.#time();
  }

  /** Whether the ingest accepts this key for this stream. */
  accepts(id: string, key: string): boolean {
    return this.ingestUp && this.streams().some((stream) => stream.id === id && stream.key === key);
  }

  #create(name: string, attempt: string, id: string): CloudStream {
    const there = this.streams().filter((stream) => stream.name === name);
    const same = there.find((stream) => stream.attempt === attempt);
    if (this.kind.idempotent && same !== undefined) return same;
    if (there.length > 0) this.duplicates.push(name);
    const stream = { id, name, attempt, createdAt: this.#time(), key: `key of ${id}`, deletedAt: undefined };
    this.#all.push(stream);
    return stream;
  }

  #mustAnswer(): void {
    if (!this.answering) throw new CloudFailure('out');
  }
}
