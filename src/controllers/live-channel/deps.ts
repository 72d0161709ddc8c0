import type { Reason } from '../../api/reasons.ts';
import type { Failure } from '../../channel/state.ts';
import type { RelayImage } from '../../channel/pod/relay-pod.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../base/clock.ts';
import type { StreamQuota } from '../platforms/stream-quota.ts';
import type { PendingCreates } from '../platforms/pending-creates.ts';
import type { PlatformDirectory } from '../../cluster/platform-directory.ts';
import type { PlatformConcurrencyLimiter } from '../platforms/platform-concurrency.ts';
import type { RelayCommands } from '../relays/relay-commands.ts';
import type { RelayReports } from '../relays/relay-reports.ts';
import type { ChannelObjects } from './objects.ts';

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
  /** Says what was done, on the channel. */
  readonly event: (type: 'Normal' | 'Warning', reason: Reason, message: string) => void;
}

/** A step was taken; `failed` says what stopped it, `againAfterMs` when to look again at something that takes time. */
export interface StepOutcome {
  readonly failed?: Failure;
  readonly requeueAfterMs?: number;
  /** The channel was let go: it is not ours any more, and probably nobody's. */
  readonly released?: boolean;
}

export const done: StepOutcome = {};
