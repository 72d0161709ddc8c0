import { isDeepStrictEqual } from 'node:util';
import type { MicroDollars } from '../../costs/price-book.ts';
import type { Clock } from '../../base/clock.ts';
import type { ChannelKey, CostEntry, Store } from '../../store/store.ts';
import type { Task } from '../task.ts';
import type { BudgetPeriod } from '../../api/values.ts';

/** A break of no more than this does not end a show: a relay that restarts, a moment of rest. */
const breakMs = 600_000;
export const hourMs = 3_600_000;
const entriesAtOnce = 2_000;

/** What a stretch of time within an hour cost, as the meter says, in whole numbers. */
export interface LedgerLine extends Pick<CostEntry, 'hour' | 'platform' | 'line' | 'estimated' | 'prices'> {
  /** Of a unit: a viewer, or a stream on air. */
  readonly perHour: MicroDollars;
  /** Viewer-milliseconds, or milliseconds on air. */
  readonly unitMs: number;
  /** Milliseconds of which nobody counted the line's units. */
  readonly missingMs: number;
}

/** In micro-dollars, with fractions. */
export const microDollarsOf = ({ perHour, unitMs }: LedgerLine): number => (perHour * unitMs) / hourMs;

/** An hour's line as it adds up: exact, however many stretches it is made of. */
interface Entry extends Omit<Mutable<CostEntry>, 'quantity' | 'missingSeconds'> {
  unitMs: number;
  missingMs: number;
  /** What is not a whole micro-dollar yet, in micro-dollars times milliseconds of an hour. */
  remainder: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Account {
  readonly key: ChannelKey;
  show: Date;
  /** Of the last sample that was noted. */
  lastAt: number;
  /** In this show; without what other processes wrote before this one began, until `showKnown`. */
  showSpent: number;
  showKnown: boolean;
  /** Time on air in this hour before the first sample: missing, but for what an earlier leader has counted of it. */
  readonly unseen: { readonly hour: Date; ms: number };
  readonly entries: Map<string, Entry>;
  readonly changed: Set<string>;
}

export const startOfHour = (at: Date): Date => new Date(Math.floor(at.getTime() / hourMs) * hourMs);
export const startOfMonth = (at: Date): Date => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth()));

/**
 * What channels cost, hour by hour. What an earlier leader wrote of an hour is read before anything is written of it:
 * an entry is the whole of its hour and line, so that nothing is counted twice and nothing is lost but the gap between.
 */
export class Ledger implements Task {
  readonly name = 'ledger';
  readonly everyMs = 10_000;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #store: Pick<Store, 'setCosts' | 'costsOf' | 'spentOf'>;
  /** From here on everything is in memory; what is earlier is only read to add it up. */
  readonly #since: Date;
  readonly #accounts = new Map<string, Account>();
  /** Namespaces of which is known what was written since `#since`. */
  readonly #read = new Set<string>();
  readonly #met = new Set<string>();
  /** By namespace and month. */
  readonly #months = new Map<string, { spent: number; known: boolean; asked: boolean }>();
  /** Accounts whose show began before `#since`, and of which somebody wants to know what it cost. */
  readonly #askedShows = new Set<string>();

  constructor(clock: Pick<Clock, 'now'>, store: Pick<Store, 'setCosts' | 'costsOf' | 'spentOf'>) {
    this.#clock = clock;
    this.#store = store;
    this.#since = new Date(startOfHour(clock.now()).getTime() - hourMs);
  }

  /** Adds what the time up to a sample cost. Gives the beginning of the show that it belongs to. */
  note(key: ChannelKey, at: Date, relayStartedAt: Date | undefined, lines: readonly LedgerLine[]): Date {
    this.#met.add(key.namespace);
    const account = this.#accountAt(key, at, relayStartedAt);
    account.lastAt = at.getTime();
    for (const line of lines) {
      const entry = entryOf(account, { ...line, show: account.show });
      const microDollars = add(entry, line);
      entry.prices = line.prices;
      entry.estimated ||= line.estimated;
      account.changed.add(nameOfEntry(entry));
      account.showSpent += microDollars;
      this.#month(key.namespace, line.hour).spent += microDollars;
    }
    return account.show;
  }

  /** In micro-dollars, in the period that `at` is in; undefined while nobody knows. */
  spent(key: ChannelKey, per: BudgetPeriod, at: Date): number | undefined {
    this.#met.add(key.namespace);
    if (!this.#read.has(key.namespace)) return undefined;
    if (per === 'month') {
      const month = this.#month(key.namespace, at);
      month.asked = true;
      return month.known ? month.spent : undefined;
    }
    const account = this.#accounts.get(nameOf(key));
    if (account === undefined) return 0;
    if (per === 'show') {
      if (account.showKnown) return account.showSpent;
      this.#askedShows.add(nameOf(key));
      return undefined;
    }
    const hour = startOfHour(at).getTime();
    let sum = 0;
    for (const entry of account.entries.values())
      if (entry.hour.getTime() === hour) sum += entry.microDollars;
    return sum;
  }

  /** An entry of an hour long over was replaced by one that costs so much more, or less, in micro-dollars. */
  correct(
    { show, hour, ...key }: Pick<CostEntry, 'namespace' | 'channelId' | 'show' | 'hour'>,
    by: number,
  ): void {
    const account = this.#accounts.get(nameOf(key));
    const isCounted = hour >= this.#since;
    // What is not known yet will be read with the correction in it.
    if (account?.show.getTime() === show.getTime() && (account.showKnown || isCounted))
      account.showSpent += by;
    const month = this.#months.get(`${key.namespace}/${startOfMonth(hour).toISOString()}`);
    if (month !== undefined && (month.known || isCounted)) month.spent += by;
  }

  /** The channel was taken off air on purpose: what comes next is another show. */
  endShow(key: ChannelKey): void {
    const account = this.#accounts.get(nameOf(key));
    if (account !== undefined) account.lastAt = -Infinity;
  }

  /** When the channel's present show began, or the last one. */
  showOf(key: ChannelKey): Date | undefined {
    return this.#accounts.get(nameOf(key))?.show;
  }

  async run(): Promise<boolean> {
    for (const namespace of this.#met) if (!this.#read.has(namespace)) await this.#readNamespace(namespace);
    await this.#readMonths();
    await this.#readShows();
    return this.#write();
  }

  async #readNamespace(namespace: string): Promise<void> {
    const entries = await this.#store.costsOf({ namespace, from: this.#since, to: later(this.#clock.now()) });
    const byChannel = Map.groupBy(entries, nameOf);
    for (const [name, its] of byChannel) this.#continue(name, its);
    for (const entry of entries) this.#month(namespace, entry.hour).spent += entry.microDollars;
    for (const account of this.#accounts.values())
      if (account.key.namespace === namespace && account.show >= this.#since) account.showKnown = true;
    this.#read.add(namespace);
  }

  /** Goes on with what another leader wrote of a channel. */
  #continue(name: string, written: readonly CostEntry[]): void {
    const [newest] = written.toSorted(
      (a, b) => b.hour.getTime() - a.hour.getTime() || b.show.getTime() - a.show.getTime(),
    );
    if (newest === undefined) return;
    const { namespace, channelId } = newest;
    const lastAt = newest.hour.getTime() + hourMs;
    const account = this.#accounts.get(name) ?? {
      ...newAccount({ namespace, channelId }, newest.show, newest.hour),
      lastAt,
    };
    this.#accounts.set(name, account);
    // What was counted here meanwhile belongs to that show, if it has gone on since.
    if (account.show.getTime() - lastAt <= breakMs) renameShow(account, newest.show);
    for (const entry of written) {
      const mine = entryOf(account, entry);
      mine.microDollars += entry.microDollars;
      mine.unitMs += entry.quantity * 1_000;
      mine.missingMs += entry.missingSeconds * 1_000;
      mine.estimated ||= entry.estimated;
      // The pod runs whenever the channel is on air: its line tells how much of the hour is accounted for.
      if (entry.line === 'pod' && entry.hour.getTime() === account.unseen.hour.getTime())
        account.unseen.ms = Math.max(0, account.unseen.ms - (entry.quantity + entry.missingSeconds) * 1_000);
      if (entry.show.getTime() === account.show.getTime()) account.showSpent += entry.microDollars;
    }
  }

  async #readMonths(): Promise<void> {
    for (const [name, month] of this.#months) {
      const { namespace, from } = parseMonth(name);
      if (month.known || !month.asked || !this.#read.has(namespace)) continue;
      month.spent += await this.#store.spentOf({ namespace, from, to: this.#since });
      month.known = true;
    }
  }

  async #readShows(): Promise<void> {
    for (const name of this.#askedShows) {
      const account = this.#accounts.get(name);
      if (account !== undefined && !account.showKnown && this.#read.has(account.key.namespace)) {
        const { show } = account;
        const query = { ...account.key, show, from: startOfHour(show), to: this.#since };
        if (show < this.#since) account.showSpent += await this.#store.spentOf(query);
        account.showKnown = true;
      }
      this.#askedShows.delete(name);
    }
  }

  async #write(): Promise<boolean> {
    const due: { account: Account; name: string; entry: Entry; written: CostEntry }[] = [];
    for (const account of this.#accounts.values()) {
      if (!this.#read.has(account.key.namespace)) continue;
      for (const name of account.changed) {
        const entry = account.entries.get(name);
        if (entry !== undefined) due.push({ account, name, entry, written: writtenOf(account, entry) });
      }
      if (due.length >= entriesAtOnce) break;
    }
    if (due.length === 0) {
      this.#forget();
      return false;
    }
    await this.#store.setCosts(due.map(({ written }) => written));
    for (const { account, name, entry, written } of due)
      if (isDeepStrictEqual(writtenOf(account, entry), written)) account.changed.delete(name);
    return due.length >= entriesAtOnce;
  }

  /** Written hours that are over need not be remembered: what they come to is in the sums. */
  #forget(): void {
    const oldest = startOfHour(this.#clock.now()).getTime() - hourMs;
    for (const [name, account] of this.#accounts) {
      for (const [entryName, entry] of account.entries)
        if (entry.hour.getTime() < oldest && !account.changed.has(entryName))
          account.entries.delete(entryName);
      if (account.entries.size === 0 && this.#clock.now().getTime() - account.lastAt > 2 * hourMs)
        this.#accounts.delete(name);
    }
    const month = startOfMonth(new Date(oldest));
    for (const name of this.#months.keys()) if (parseMonth(name).from < month) this.#months.delete(name);
  }

  #accountAt(key: ChannelKey, at: Date, relayStartedAt: Date | undefined): Account {
    const name = nameOf(key);
    const known = this.#accounts.get(name);
    if (known !== undefined && at.getTime() - known.lastAt <= breakMs) return known;
    const show = relayStartedAt ?? at;
    if (known !== undefined) {
      known.show = show;
      known.showSpent = 0;
      known.showKnown = true;
      return known;
    }
    const account = newAccount(key, show, startOfHour(at));
    if (relayStartedAt !== undefined)
      account.unseen.ms = Math.max(
        0,
        at.getTime() - Math.max(account.unseen.hour.getTime(), relayStartedAt.getTime()),
      );
    account.showKnown = this.#read.has(key.namespace) && show >= this.#since;
    this.#accounts.set(name, account);
    return account;
  }

  #month(namespace: string, at: Date): { spent: number; known: boolean; asked: boolean } {
    const from = startOfMonth(at);
    const name = `${namespace}/${from.toISOString()}`;
    const known = this.#months.get(name);
    if (known !== undefined) return known;
    const month = { spent: 0, known: from >= this.#since, asked: false };
    this.#months.set(name, month);
    return month;
  }
}

const nameOf = ({ namespace, channelId }: ChannelKey): string => `${namespace}/${channelId}`;
const nameOfEntry = ({
  hour,
  show,
  platform,
  line,
}: Pick<Entry, 'hour' | 'show' | 'platform' | 'line'>): string =>
  [hour.getTime(), show.getTime(), platform, line].join('/');
const later = (now: Date): Date => new Date(now.getTime() + hourMs);

function parseMonth(name: string): { namespace: string; from: Date } {
  const slash = name.indexOf('/');
  return { namespace: name.slice(0, slash), from: new Date(name.slice(slash + 1)) };
}

function newAccount(key: ChannelKey, show: Date, hour: Date): Account {
  const spent = { showSpent: 0, showKnown: false };
  return { key, show, lastAt: 0, ...spent, unseen: { hour, ms: 0 }, entries: new Map(), changed: new Set() };
}

/** Gives the whole micro-dollars that it adds. */
function add(entry: Entry, { perHour, unitMs, missingMs }: LedgerLine): MicroDollars {
  const sum = entry.remainder + perHour * unitMs;
  entry.remainder = sum % hourMs;
  const microDollars = (sum - entry.remainder) / hourMs;
  entry.microDollars += microDollars;
  entry.unitMs += unitMs;
  entry.missingMs += missingMs;
  return microDollars;
}

/** As the database holds it: in whole micro-dollars and seconds. What is less goes on in memory. */
function writtenOf({ unseen }: Account, { unitMs, missingMs, remainder: _, ...entry }: Entry): CostEntry {
  const before = entry.hour.getTime() === unseen.hour.getTime() ? unseen.ms : 0;
  return {
    ...entry,
    quantity: Math.round(unitMs / 1_000),
    missingSeconds: Math.round((missingMs + before) / 1_000),
  };
}

/** The entry of that hour, show, platform and line; a new one is empty. */
function entryOf(
  account: Account,
  {
    hour,
    show,
    platform,
    line,
    estimated,
    prices,
  }: Omit<LedgerLine, 'perHour' | 'unitMs' | 'missingMs'> & { readonly show: Date },
): Entry {
  const like = { hour, show, platform, line, estimated, prices };
  const name = nameOfEntry(like);
  const known = account.entries.get(name);
  if (known !== undefined) return known;
  const { namespace, channelId } = account.key;
  const entry = { ...like, namespace, channelId, microDollars: 0, remainder: 0, unitMs: 0, missingMs: 0 };
  account.entries.set(name, entry);
  return entry;
}

function renameShow(account: Account, show: Date): void {
  const before = account.show;
  account.show = show;
  for (const [name, entry] of [...account.entries]) {
    if (entry.show.getTime() !== before.getTime()) continue;
    const changed = account.changed.delete(name);
    account.entries.delete(name);
    entry.show = show;
    account.entries.set(nameOfEntry(entry), entry);
    if (changed) account.changed.add(nameOfEntry(entry));
  }
}
