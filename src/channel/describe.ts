import type { Condition } from '../api/metadata.ts';
import type { LiveChannelConditionType, LiveChannelStatus, RelayStatus } from '../api/live-channel.ts';
import type { Reason } from '../api/reasons.ts';
import type { RelayReport } from '../api/relay-contract.ts';
import type { Observed, Problem, RelayPodFacts } from './observed.ts';
import { streamRecord } from './ownership.ts';
import { isPatient, podProblem } from './pod-problem.ts';
import { countRestarts } from './restarts.ts';
import { wanted } from './wanted.ts';

type Verdict = Problem & { readonly status: Condition['status'] };

const yes = (reason: Reason, message = ''): Verdict => ({ status: 'True', reason, message });
const no = (reason: Reason, message = ''): Verdict => ({ status: 'False', reason, message });
const unknown = (reason: Reason, message = ''): Verdict => ({ status: 'Unknown', reason, message });
const because = ({ reason, message }: Problem): Verdict => no(reason, message);

/**
 * The whole status of a channel from what is observed. Nothing in it changes more often than the channel's state
 * does, so that a channel at rest is never written.
 */
export function describeChannel(observed: Observed, replacedBecause: Reason, now: Date): LiveChannelStatus {
  const { channel, secret, pod } = observed;
  const before = channel.status;
  const want = wanted(channel);
  const report = pod?.running === true ? observed.report : undefined;
  const onAir = want.relay && (report === undefined ? readyInSilence(pod) : report.state === 'live');

  const stream = streamVerdict(observed, want.stream);
  const relay = relayVerdict(observed, report, want.relay);
  const ready = readyVerdict(observed, stream, relay, onAir);
  const verdicts: Record<LiveChannelConditionType, Verdict> = {
    Ready: ready,
    StreamReady: stream,
    RelayReady: relay,
    HostPresent: hostVerdict(report, want.relay, onAir),
    FallbackActive: no('NotInUse'),
  };
  const generation = channel.metadata.generation ?? 0;
  const record = streamRecord(channel);
  const ours = secret !== undefined && want.stream ? secret : undefined;
  const restarts = countRestarts(before?.relay, pod, { stopped: !want.relay, replacedBecause, now });

  return {
    observedGeneration: generation,
    conditions: Object.entries(verdicts).map(([type, verdict]) =>
      condition(type, verdict, before?.conditions, generation, now),
    ),
    relayStatus: relayStatus(want.relay, ready, relay, onAir),
    effectiveStreamMode: want.mode,
    ...(ours === undefined
      ? {}
      : { hlsPlaybackUrl: ours.playbackUrl, streamId: ours.streamId, streamKeyId: ours.streamKeyId }),
    ...(want.stream && record !== undefined ? { streamingPlatform: record.platform } : {}),
    ...(onAir
      ? { relayStartedAt: before?.relayStartedAt ?? seconds(new Date(report?.liveSince ?? now)) }
      : {}),
    relay: {
      ...restarts,
      ...(pod === undefined ? {} : { podName: pod.name }),
      ...(pod?.nodeName === undefined ? {} : { nodeName: pod.nodeName }),
      ...(onAir && report !== undefined ? { mode: report.mode } : {}),
    },
    ...(onAir && report !== undefined ? { health: report.health } : {}),
  };
}

function streamVerdict(observed: Observed, wantStream: boolean): Verdict {
  if (!wantStream) return no('AgoraOnly', 'streamMode agora-only: no stream is kept.');
  if (observed.failure?.part === 'stream') return because(observed.failure);
  if (observed.channel.metadata.deletionTimestamp !== undefined) return no('Deleting');
  if (!observed.platform.ok) return because(observed.platform.problem);
  if (observed.secret === undefined)
    return observed.credentials.ok
      ? unknown('RelayStarting', 'The stream is being made.')
      : unknown(
          'CredentialsNotFound',
          'Nothing is made on the platform before the Agora credentials are there.',
        );
  if (observed.stream === 'gone') return no('StreamNotFound');
  return yes('StreamCreated', `Stream ${observed.secret.streamId} on platform ${observed.secret.platform}.`);
}

function relayVerdict(observed: Observed, report: RelayReport | undefined, wantRelay: boolean): Verdict {
  const { pod, channel } = observed;
  if (channel.metadata.deletionTimestamp !== undefined) return no('Deleting');
  if (!wantRelay) return channel.spec.suspend ? no('Suspended') : no('AgoraOnly');
  if (observed.failure?.part === 'relay') return because(observed.failure);
  if (pod === undefined)
    return observed.credentials.ok ? no('RelayStarting') : because(observed.credentials.problem);
  if (pod.deleting) return no('RelayReplaced', `Pod ${pod.name} is going; another one follows.`);
  const problem = podProblem(pod);
  if (problem !== undefined) return because(problem);
  if (report === undefined && readyInSilence(pod))
    return yes('Live', `Pod ${pod.name} is ready, so media moves; more is not known: it does not answer.`);
  if (report === undefined) return no('RelayStarting', `Pod ${pod.name} is starting.`);
  if (report.state === 'live') return yes('Live', 'The ingest accepts media.');
  return no(report.reason, report.message);
}

/**
 * A relay is ready only while media moves (its readiness probe). The kubelet sees that also where a network policy or
 * a broken network keeps the operator from asking the relay itself.
 */
function readyInSilence(pod: RelayPodFacts | undefined): boolean {
  return pod !== undefined && pod.running && pod.ready && !pod.deleting;
}

function hostVerdict(report: RelayReport | undefined, wantRelay: boolean, onAir: boolean): Verdict {
  if (report === undefined && onAir) return yes('HostPublishing', 'Media moves.');
  if (!wantRelay || report === undefined)
    return unknown('RelayStopped', 'Nobody is in the Agora channel to look.');
  if (report.host?.video === true)
    return yes('HostPublishing', `Host ${String(report.host.uid)} publishes video.`);
  if (report.state === 'starting' || report.state === 'joining')
    return unknown('RelayStarting', 'Not yet joined.');
  return no('WaitingForHost', 'No host publishes video in the Agora channel.');
}

function readyVerdict(observed: Observed, stream: Verdict, relay: Verdict, onAir: boolean): Verdict {
  if (observed.channel.metadata.deletionTimestamp !== undefined)
    return observed.failure === undefined ? no('Deleting') : because(observed.failure);
  if (onAir) {
    // Media arrives: that is what Ready means. What will hurt later is named all the same.
    const [later] = [observed.platform, observed.credentials].flatMap((each) =>
      each.ok ? [] : [each.problem],
    );
    return later === undefined
      ? yes('Live', 'Media arrives at the platform.')
      : yes(later.reason, `Media arrives at the platform, for now. ${later.message}`);
  }
  if (stream.reason === 'AgoraOnly' || relay.reason === 'Suspended') return no(relay.reason, relay.message);
  if (!observed.platform.ok) return because(observed.platform.problem);
  if (!observed.credentials.ok) return because(observed.credentials.problem);
  if (stream.status === 'False') return no(stream.reason, stream.message);
  return no(relay.reason, relay.message);
}

function relayStatus(wantRelay: boolean, ready: Verdict, relay: Verdict, onAir: boolean): RelayStatus {
  if (!wantRelay) return 'stopped';
  if (onAir) return 'active';
  if (ready.reason === 'Deleting') return 'stopped';
  if (ready.reason === 'RelayReplaced' || ready.reason === 'PodPending') return 'starting';
  return isPatient(ready.reason) && isPatient(relay.reason) ? 'starting' : 'error';
}

function condition(
  type: string,
  verdict: Verdict,
  before: readonly Condition[] | undefined,
  observedGeneration: number,
  now: Date,
): Condition {
  const old = before?.find((each) => each.type === type);
  return {
    type,
    ...verdict,
    observedGeneration,
    lastTransitionTime: old?.status === verdict.status ? old.lastTransitionTime : seconds(now),
  };
}

/** metav1.Time: RFC 3339 without fractions of a second. */
const seconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
