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

/** The dependencies of steps. */
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
  /** Validity of Agora tokens. */
  readonly tokenSeconds: number;
  /** Emits an event on the channel. */
  readonly event: (type: 'Normal' | 'Warning', reason: Reason, message: string) => void;
}

/** The context of an action on a channel, which may be deleted already. */
export interface ActionContext {
  readonly channel: LiveChannel;
  readonly deps: ReconcilerDeps;
  readonly signal: AbortSignal;
}

/** The context of a step of a reconcile. `channel` is that of `state`. */
export interface StepContext extends ActionContext {
  readonly state: ChannelState;
}

/** The result of a step. */
export interface StepOutcome {
  /** Why the step did not succeed. */
  readonly failed?: Failure;
  /** When to reconcile again, for a step that failed or needs time. */
  readonly requeueAfterMs?: number;
  /** The finalizer was removed: the channel no longer belongs to this operator and may be gone. */
  readonly released?: boolean;
}

/** The step succeeded. */
export const done: StepOutcome = {};
