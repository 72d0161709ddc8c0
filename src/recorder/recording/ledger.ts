import { isDeepStrictEqual } from 'node:util';
import type { MicroDollars } from '../../costs/price-book.ts';
import type { Clock } from '../../base/clock.ts';
import type { Mutable } from '../../base/mutable.ts';
import { keyText } from '../../store/channel-key-text.ts';
import type { ChannelKey, CostEntry, Store } from '../../store/store.ts';
import type { Task } from '../task.ts';
import type { BudgetPeriod } from '../../api/values.ts';
import { HOUR_MS, startOfHour, startOfMonth } from '../../base/utc-time.ts';

/** A break of at most this length does not end a show: a relay that restarts, a short idle period. */
const MAX_BREAK_MS = 600_000;
const MAX_ENTRIES_PER_WRITE = 2_000;

/** Metered cost of a period within one hour, in integers. */
export interface LedgerLine extends Pick<CostEntry, 'hour' | 'platform' | 'line' | 'estimated' | 'prices'> {
  /** Price of one unit (a viewer, or a stream on air) per hour. */
  readonly perHour: MicroDollars;
  /** Viewer-milliseconds, or milliseconds on air. */
  readonly unitMs: number;
  /** Milliseconds in which the line's units were not counted. */
  readonly missingMs: number;
}

/** Cost of a line in micro-dollars, with fractions. */
export const microDollarsOf = ({ perHour, unitMs }: LedgerLine): number => (perHour * unitMs) / HOUR_MS;

/** Running total of an hour's line. The sum is exact, however many periods are added. */
interface Entry extends Omit<Mutable<CostEntry>, 'quantity' | 'missingSeconds'> {
  unitMs: number;
  missingMs: number;
  /** Fraction of a micro-dollar that is not yet in `microDollars`, in micro-dollars times HOUR_MS. */
  remainder: number;
}

interface Account {
  readonly key: ChannelKey;
  show: Date;
  /** Time of the last noted sample, in Unix milliseconds. */
  lastAt: number;
  /** Micro-dollars spent in this show. Until `showKnown`, without the costs that earlier leaders wrote. */
  showSpent: number;
  showKnown: boolean;
  /** Time on air in this hour before the first sample. It is missing, except for what an earlier leader counted. */
  readonly unseen: { readonly hour: Date; ms: number };
  readonly entries: Map<string, Entry>;
  readonly changed: Set<string>;
}

/**
 * Costs of channels by hour. The entries that an earlier leader wrote for an hour are read before that hour is written:
 * an entry is the total of its hour and line, so nothing is counted twice, and only the gap between two leaders is lost.
 */
export class Ledger implements Task {
  readonly name = 'ledger';
  readonly everyMs = 10_000;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #store: Pick<Store, 'setCosts' | 'costsOf' | 'spentOf'>;
  /** Entries of hours from this time on are in memory; earlier ones are only summed by the database. */
  readonly #since: Date;
  readonly #accounts = new Map<string, Account>();
  /** Namespaces whose entries since `#since` have been read. */
  readonly #read = new Set<string>();
  readonly #met = new Set<string>();
  /** Sums by namespace and month. */
  readonly #months = new Map<string, { spent: number; known: boolean; asked: boolean }>();
  /** Accounts whose show began before `#since` and whose cost has been requested. */
  readonly #askedShows = new Set<string>();

  constructor(clock: Pick<Clock, 'now'>, store: Pick<Store, 'setCosts' | 'costsOf' | 'spentOf'>) {
    this.#clock = clock;
    this.#store = store;
    this.#since = new Date(startOfHour(clock.now()).getTime() - HOUR_MS);
  }

  /** Adds the cost of the time up to a sample. Returns the beginning of the show that it belongs to. */
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

  /** Micro-dollars spent in the period that contains `at`; undefined until earlier costs have been read. */
  spent(key: ChannelKey, per: BudgetPeriod, at: Date): number | undefined {
    this.#met.add(key.namespace);
    if (!this.#read.has(key.namespace)) return undefined;
    if (per === 'month') {
      const month = this.#month(key.namespace, at);
      month.asked = true;
      return month.known ? month.spent : undefined;
    }
    const account = this.#accounts.get(keyText(key));
    if (account === undefined) return 0;
    if (per === 'show') {
      if (account.showKnown) return account.showSpent;
      this.#askedShows.add(keyText(key));
      return undefined;
    }
    const hour = startOfHour(at).getTime();
    let sum = 0;
    for (const entry of account.entries.values())
      if (entry.hour.getTime() === hour) sum += entry.microDollars;
    return sum;
  }

  /** Adjusts the sums after an entry of a past hour was replaced; `by` is the difference in micro-dollars. */
  correct(
    { show, hour, ...key }: Pick<CostEntry, 'namespace' | 'channelId' | 'show' | 'hour'>,
    by: number,
  ): void {
    const account = this.#accounts.get(keyText(key));
    const isCounted = hour >= this.#since;
    // A sum that has not been read yet will include the correction when it is read.
    if (account?.show.getTime() === show.getTime() && (account.showKnown || isCounted))
      account.showSpent += by;
    const month = this.#months.get(`${key.namespace}/${startOfMonth(hour).toISOString()}`);
    if (month !== undefined && (month.known || isCounted)) month.spent += by;
  }

  /** The channel was suspended on purpose: the next sample begins another show. */
  endShow(key: ChannelKey): void {
    const account = this.#accounts.get(keyText(key));
    if (account !== undefined) account.lastAt = -Infinity;
  }

  /** Beginning of the channel's current show, or of its last one. */
  showOf(key: ChannelKey): Date | undefined {
    return this.#accounts.get(keyText(key))?.show;
  }

  async run(): Promise<boolean> {
    for (const namespace of this.#met) if (!this.#read.has(namespace)) await this.#readNamespace(namespace);
    await this.#readMonths();
    await this.#readShows();
    return this.#write();
  }

  async #readNamespace(namespace: string): Promise<void> {
    const entries = await this.#store.costsOf({ namespace, from: this.#since, to: later(this.#clock.now()) });
    const byChannel = Map.groupBy(entries, keyText);
    for (const [name, its] of byChannel) this.#continue(name, its);
    for (const entry of entries) this.#month(namespace, entry.hour).spent += entry.microDollars;
    for (const account of this.#accounts.values())
      if (account.key.namespace === namespace && account.show >= this.#since) account.showKnown = true;
    this.#read.add(namespace);
  }

  /** Continues the account of a channel from the entries that another leader wrote. */
  #continue(name: string, written: readonly CostEntry[]): void {
    const [newest] = written.toSorted(
      (a, b) => b.hour.getTime() - a.hour.getTime() || b.show.getTime() - a.show.getTime(),
    );
    if (newest === undefined) return;
    const { namespace, channelId } = newest;
    const lastAt = newest.hour.getTime() + HOUR_MS;
    const account = this.#accounts.get(name) ?? {
      ...newAccount({ namespace, channelId }, newest.show, newest.hour),
      lastAt,
    };
    this.#accounts.set(name, account);
    // What this leader has counted belongs to that show, unless a longer break came between.
    if (account.show.getTime() - lastAt <= MAX_BREAK_MS) renameShow(account, newest.show);
    for (const entry of written) {
      const mine = entryOf(account, entry);
      mine.microDollars += entry.microDollars;
      mine.unitMs += entry.quantity * 1_000;
      mine.missingMs += entry.missingSeconds * 1_000;
      mine.estimated ||= entry.estimated;
      // The pod runs whenever the channel is on air, so its line shows how much of the hour is accounted for.
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
      if (due.length >= MAX_ENTRIES_PER_WRITE) break;
    }
    if (due.length === 0) {
      this.#forget();
      return false;
    }
    await this.#store.setCosts(due.map(({ written }) => written));
    for (const { account, name, entry, written } of due)
      if (isDeepStrictEqual(writtenOf(account, entry), written)) account.changed.delete(name);
    for (const { account } of due) this.#toEnd(account);
    return due.length >= MAX_ENTRIES_PER_WRITE;
  }

  /** Those that change all the time must not keep later ones from being written. */
  #toEnd(account: Account): void {
    const name = keyText(account.key);
    this.#accounts.delete(name);
    this.#accounts.set(name, account);
  }

  /** Discards past hours that have been written; their costs are in the sums. */
  #forget(): void {
    const oldest = startOfHour(this.#clock.now()).getTime() - HOUR_MS;
    for (const [name, account] of this.#accounts) {
      for (const [entryName, entry] of account.entries)
        if (entry.hour.getTime() < oldest && !account.changed.has(entryName))
          account.entries.delete(entryName);
      if (account.entries.size === 0 && this.#clock.now().getTime() - account.lastAt > 2 * HOUR_MS)
        this.#accounts.delete(name);
    }
    const month = startOfMonth(new Date(oldest));
    for (const name of this.#months.keys()) if (parseMonth(name).from < month) this.#months.delete(name);
  }

  #accountAt(key: ChannelKey, at: Date, relayStartedAt: Date | undefined): Account {
    const name = keyText(key);
    const known = this.#accounts.get(name);
    if (known !== undefined && at.getTime() - known.lastAt <= MAX_BREAK_MS) return known;
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
const nameOfEntry = ({
  hour,
  show,
  platform,
  line,
}: Pick<Entry, 'hour' | 'show' | 'platform' | 'line'>): string =>
  [hour.getTime(), show.getTime(), platform, line].join('/');
const later = (now: Date): Date => new Date(now.getTime() + HOUR_MS);

function parseMonth(name: string): { namespace: string; from: Date } {
  const slash = name.indexOf('/');
  return { namespace: name.slice(0, slash), from: new Date(name.slice(slash + 1)) };
}

function newAccount(key: ChannelKey, show: Date, hour: Date): Account {
  const spent = { showSpent: 0, showKnown: false };
  return { key, show, lastAt: 0, ...spent, unseen: { hour, ms: 0 }, entries: new Map(), changed: new Set() };
}

/** Adds a line to an entry. Returns the whole micro-dollars that were added. */
function add(entry: Entry, { perHour, unitMs, missingMs }: LedgerLine): MicroDollars {
  const sum = entry.remainder + perHour * unitMs;
  entry.remainder = sum % HOUR_MS;
  const microDollars = (sum - entry.remainder) / HOUR_MS;
  entry.microDollars += microDollars;
  entry.unitMs += unitMs;
  entry.missingMs += missingMs;
  return microDollars;
}

/** The entry as it is stored: in whole micro-dollars and seconds. Fractions stay in memory. */
function writtenOf({ unseen }: Account, { unitMs, missingMs, remainder: _, ...entry }: Entry): CostEntry {
  const before = entry.hour.getTime() === unseen.hour.getTime() ? unseen.ms : 0;
  return {
    ...entry,
    quantity: Math.round(unitMs / 1_000),
    missingSeconds: Math.round((missingMs + before) / 1_000),
  };
}

/** The entry of that hour, show, platform and line; created empty if there is none. */
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
