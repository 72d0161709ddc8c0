import { annotations, labels } from '../../api/names.ts';
import { oneLine } from '../../base/one-line.ts';
import type { RelayPodFacts } from '../state.ts';

/** The fields of a Pod that the operator reads, in the form of the Kubernetes API. */
export interface PodObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly creationTimestamp?: string | undefined;
    readonly deletionTimestamp?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly spec?: { readonly nodeName?: string | undefined } | undefined;
  readonly status?:
    | {
        readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
        readonly reason?: string;
        readonly message?: string;
        readonly podIP?: string;
        readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
        readonly containerStatuses?: readonly ContainerStatusObject[];
      }
    | undefined;
}

interface ContainerStatusObject {
  readonly restartCount: number;
  readonly state?: ContainerStateObject;
  readonly lastState?: ContainerStateObject;
}

interface ContainerStateObject {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: object;
  readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string };
}

/** Kubelets and schedulers repeat what registries and plugins answer; a condition has room for one line of it. */
const MAX_TEXT_LENGTH = 300;
const line = (text = ''): string => oneLine(text, MAX_TEXT_LENGTH);

/** Extracts the facts that decisions depend on from a Pod object. */
export function podFacts(pod: PodObject): RelayPodFacts {
  const { metadata, status } = pod;
  const condition = (type: string): { status: string; reason?: string; message?: string } | undefined =>
    status?.conditions?.find((each) => each.type === type);
  const scheduled = condition('PodScheduled');
  const container = status?.containerStatuses?.[0];
  const waiting = container?.state?.waiting;
  const ended = container?.state?.terminated ?? container?.lastState?.terminated;
  return {
    name: metadata.name,
    uid: metadata.uid,
    slot: Number(metadata.labels?.[labels.slot] ?? '0'),
    phase: status?.phase ?? 'Pending',
    deleting: metadata.deletionTimestamp !== undefined,
    ready: condition('Ready')?.status === 'True',
    nodeName: pod.spec?.nodeName,
    ip: status?.podIP,
    createdAt: new Date(metadata.creationTimestamp ?? 0),
    specDigest: metadata.annotations?.[annotations.podSpecHash] ?? '',
    secretRevision: metadata.annotations?.[annotations.secretRevision] ?? '',
    restartCount: container?.restartCount ?? 0,
    reason: line(status?.reason),
    message: line(status?.message),
    unschedulable: scheduled?.status === 'False' ? line(scheduled.message ?? scheduled.reason) : undefined,
    waiting: waiting ? { reason: line(waiting.reason), message: line(waiting.message) } : undefined,
    running: container?.state?.running !== undefined,
    ended: ended
      ? { exitCode: ended.exitCode, reason: line(ended.reason), message: ended.message ?? '' }
      : undefined,
  };
}
