import type { Provider } from '../../src/api/streaming-platform.ts';
import type { Clock } from '../../src/base/clock.ts';
import { cloudNames, type CloudStream, type FaultKind } from '../fixtures/clouds/contract.ts';
import type { PaperMedia } from '../fixtures/clouds/paper-media.ts';
import type { Journal } from './journal.ts';

export const lifecycleProviders = [...cloudNames, 'origin'] as const satisfies readonly Provider[];
export type LifecycleProvider = (typeof lifecycleProviders)[number];

/** Calls that a fault affects. */
export type CallGroup = 'any' | 'create' | 'list' | 'delete' | 'key';

export interface Fault {
  readonly kind: FaultKind;
  readonly calls: CallGroup;
  readonly times: number | undefined;
  readonly probability: number;
  readonly ms: number | undefined;
}

/** A platform for the tests' channels: a separate account, backed by a fixture. */
export interface StandIn extends AsyncDisposable {
  readonly provider: LifecycleProvider;
  /** The spec of a StreamingPlatform, without credentialsRef. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, string>>;
  readonly media: PaperMedia;
  readonly journal: Journal;
  /** Names of the calls in the journal. */
  readonly calls: Readonly<Record<Exclude<CallGroup, 'any'>, readonly string[]>>;
  streams(): readonly CloudStream[];
  /** Creates a stream as if by hand, without the operator. */
  makeForeignStream(): string;
  /** Begins a fault; the returned function ends it. */
  strike(fault: Fault): () => void;
  /** Number of calls that faults affected. */
  struck(): number;
}

export interface StandInOptions {
  readonly clock: Clock;
  /** How much faster than the wall clock the clock runs. */
  readonly scale: number;
  /** For faults with a probability. */
  readonly random: () => number;
}
