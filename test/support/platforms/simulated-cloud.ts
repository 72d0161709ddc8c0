/** The operator's process ended here: what it held in memory is gone. */
export class Crash extends Error {}

/** A call to a platform failed. After `lost` it may have had its effect all the same. */
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
  readonly madeAt: number;
  key: string;
  goneAt: number | undefined;
}

interface Kind {
  /** Creating again under the same attempt gives the same stream. */
  readonly idempotent: boolean;
  /** So long lists show what was before. */
  readonly settleSeconds: number;
}

/** A streaming platform: its API and its ingest fail apart from each other, and its lists are as late as they may be. */
export class SimulatedCloud {
  readonly name: string;
  readonly kind: Kind;
  answering = true;
  ingestUp = true;
  full = false;
  /** What becomes of the next create: it works and nobody hears of it, or it is lost on the way. */
  nextCreate: 'answer-lost' | 'call-lost' | undefined;
  /** Names under which a second stream was made while there was a first. */
  readonly doubles: string[] = [];
  readonly #all: CloudStream[] = [];
  readonly #time: () => number;

  constructor(name: string, kind: Kind, time: () => number) {
    this.name = name;
    this.kind = kind;
    this.#time = time;
  }

  /** What is there, and costs money. */
  streams(): readonly CloudStream[] {
    return this.#all.filter(({ goneAt }) => goneAt === undefined);
  }

  find(name: string): readonly CloudStream[] {
    this.#mustAnswer();
    const seen = this.#time() - this.kind.settleSeconds * 1_000;
    return this.#all.filter(
      (stream) => stream.name === name && stream.madeAt <= seen && (stream.goneAt ?? Infinity) > seen,
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
    const stream = this.#made(name, attempt, id);
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
    if (stream !== undefined) stream.goneAt = this.#time();
  }

  /** Somebody deletes what is there, at the platform itself. */
  vanish(): void {
    for (const stream of this.streams()) stream.goneAt = this.#time();
  }

  /** Whether the ingest takes this key for this stream. */
  takes(id: string, key: string): boolean {
    return this.ingestUp && this.streams().some((stream) => stream.id === id && stream.key === key);
  }

  #made(name: string, attempt: string, id: string): CloudStream {
    const there = this.streams().filter((stream) => stream.name === name);
    const same = there.find((stream) => stream.attempt === attempt);
    if (this.kind.idempotent && same !== undefined) return same;
    if (there.length > 0) this.doubles.push(name);
    const stream = { id, name, attempt, madeAt: this.#time(), key: `key of ${id}`, goneAt: undefined };
    this.#all.push(stream);
    return stream;
  }

  #mustAnswer(): void {
    if (!this.answering) throw new CloudFailure('out');
  }
}
