import type { LiveChannel } from '../../api/live-channel.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Clock } from '../../base/clock.ts';
import type { RelayImage } from '../../channel/pod/relay-pod.ts';
import type { Failure } from '../../channel/state.ts';
import type { PlatformDirectory } from '../../cluster/platform-directory.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { PendingCreates } from '../platforms/pending-creates.ts';
import type { PlatformConcurrencyLimiter } from '../platforms/platform-concurrency.ts';
import type { StreamQuota } from '../platforms/stream-quota.ts';
import type { RelayCommands } from '../relays/relay-commands.ts';
import type { RelayReports } from '../relays/relay-reports.ts';
import type { ChannelObjects } from './objects.ts';
import type { ChannelState } from './state.ts';

/** What taking a step needs. */
export interface ReconcilerDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly platforms: PlatformDirectory;
  readonly quota: StreamQuota;
  readonly concurrency: PlatformConcurrencyLimiter;
  readonly creates: PendingCreates;
  readonly objects: ChannelObjects;
  readonly commands: RelayCommands;
  readonly reports: RelayReports;
  readonly clusterId: string;
  readonly relay: RelayImage;
  readonly tokenSeconds: number;
  /** Emits an event about what was done, on the channel. */
  readonly event: (type: 'Normal' | 'Warning', reason: Reason, message: string) => void;
}

/** For acting on a channel, be it observed or only known to have existed. */
export interface ActionContext {
  readonly channel: LiveChannel;
  readonly deps: ReconcilerDeps;
  readonly signal: AbortSignal;
}

/** For a step of a reconcile: `channel` is the one of `state`. */
export interface StepContext extends ActionContext {
  readonly state: ChannelState;
}

/**
 * A step was taken. `failed` is why it did not succeed; `requeueAfterMs` when to reconcile again, where it needs time.
 */
export interface StepOutcome {
  readonly failed?: Failure;
  readonly requeueAfterMs?: number;
  /** The finalizer was removed: the channel no longer belongs to this operator and may be gone. */
  readonly released?: boolean;
}

export const done: StepOutcome = {};
