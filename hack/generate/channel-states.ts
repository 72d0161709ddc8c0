import type { LiveChannelStatus } from '../../src/api/live-channel.ts';
import { alignedLines } from '../../src/base/text-table.ts';
import { budgetAnnotation } from '../../src/api/annotations/cost-decisions.ts';
import { found, missing, type Observed } from '../../src/channel/state.ts';
import { eventsFor } from '../../src/channel/status/events.ts';
import { describeChannel } from '../../src/channel/status/status.ts';
import {
  aBudgetChoice,
  aStream,
  anIncomingStream,
  aPod,
  aRecord,
  aReport,
  anObserved,
  at,
  later,
  now,
  toOther,
  waitingForHost,
} from '../../test/support/channel/channel-examples.ts';
import { generatedNotice } from './markdown.ts';

interface State {
  readonly title: string;
  /** The description for the reader. */
  readonly about: string;
  /** What the operator observed before, an hour or a minute ago: the times in the conditions are derived from it. */
  readonly before?: readonly [scene: Observed, secondsAgo: number];
  readonly scene: Observed;
}

const noPod = { pod: undefined, report: undefined } as const;
const onAir = anObserved();
const starting = anObserved({
  streams: [aStream({ pod: aPod({ phase: 'Pending', running: false, ready: false }), report: undefined })],
});
const waiting = anObserved({ streams: [aStream({ report: waitingForHost, pod: aPod({ ready: false }) })] });
const congested = aReport({
  mode: 'transcode',
  health: 'fair',
  congestion: {
    step: 'transcode',
    message:
      'The ingest accepts about 1.2 Mbit/s, less than the host sends (2.8 Mbit/s). The relay transcodes video to 0.8 Mbit/s.',
    acceptedKbps: 1_200,
    stepsDown: 1,
    stepsUp: 0,
  },
});
const held = aReport({
  reason: 'LastFrameHeld',
  message: 'The last frame is held: the host is away.',
  videoOutput: 'held',
  host: null,
});
const suspended = { spec: { suspend: true } } as const;
const toFallback = { spec: { fallbackPlatformRef: { name: 'other' } } } as const;
const standIn = anIncomingStream({
  record: { ...anIncomingStream().record, role: 'active', insteadOf: 'origin' },
});

const ended = (exitCode: number, reason: string, message: string) =>
  ({
    running: false,
    ready: false,
    restartCount: 1,
    waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' },
    ended: { exitCode, reason, message },
  }) as const;

const refused = {
  reason: 'IngestRejected',
  message: 'The ingest refused the stream key. Check the key, and that the stream still exists.',
} as const;

/** What is observed. The status is computed from it by the operator's own code. */
const states: readonly State[] = [
  {
    title: 'On air',
    about: 'The host publishes, the relay passes the video on, viewers can watch.',
    before: [onAir, 3_600],
    scene: onAir,
  },
  {
    title: 'Starting',
    about: 'The stream exists, and the relay pod has been created a moment ago.',
    scene: starting,
  },
  {
    title: 'Waiting for the host',
    about:
      'The relay has joined the Agora channel, in which there is no host. The pod is `0/1`, which is no fault.',
    before: [starting, 5],
    scene: waiting,
  },
  {
    title: 'On air without the host',
    about: 'The host has left, or turned the camera off. Viewers see the last frame, or the slate.',
    before: [onAir, 3_600],
    scene: anObserved({ streams: [aStream({ report: held })] }),
  },
  {
    title: 'On air below full quality',
    about: 'The ingest accepts less than the host sends. Full quality is tried again after a quiet minute.',
    before: [onAir, 3_600],
    scene: anObserved({ streams: [aStream({ report: congested })] }),
  },
  {
    title: 'Killed for lack of memory',
    about:
      'The relay exceeded its memory limit. The kubelet starts it again, at first immediately, later after a back-off.\n' +
      'This is the status until then; afterwards the reason is `RelayStarting`, and `Last Restart Reason` stays.',
    before: [onAir, 3_600],
    scene: anObserved({ streams: [aStream({ pod: aPod(ended(137, 'OOMKilled', '')), report: undefined })] }),
  },
  {
    title: 'Stream key refused',
    about: 'The ingest refused the key, and the relay gave up. Rotate the key.',
    before: [onAir, 3_600],
    scene: anObserved({
      channel: toFallback,
      streams: [aStream({ pod: aPod(ended(3, 'Error', JSON.stringify(refused))), report: undefined })],
    }),
  },
  {
    title: 'Agora credentials missing',
    about: 'The Secret that spec.agora.credentialsRef names does not exist in the namespace of the channel.',
    scene: anObserved({
      streams: [],
      channel: { finalizers: [] },
      credentials: missing(
        'CredentialsNotFound',
        'Secret shop/agora (spec.agora.credentialsRef) does not exist; create it with the keys appId and appCertificate.',
      ),
    }),
  },
  {
    title: 'Suspended',
    about: 'Off air on purpose. The stream and its playback URL are kept.',
    before: [onAir, 3_600],
    scene: anObserved({ channel: suspended, streams: [aStream(noPod)] }),
  },
  {
    title: 'On Agora alone',
    about: '`streamMode: agora-only` needs neither a stream nor a relay.',
    scene: anObserved({ streams: [], channel: { spec: { streamMode: 'agora-only' }, finalizers: [] } }),
  },
  {
    title: 'Stopped by its budget',
    about: 'The budget is spent, and `actionAt100Percent` is `stop`.',
    before: [onAir, 3_600],
    scene: anObserved({
      streams: [aStream(noPod)],
      channel: {
        spec: { budget: { usd: '12', per: 'month', actionAt100Percent: 'stop' } },
        metadata: {
          annotations: budgetAnnotation(
            aBudgetChoice({
              action: 'stop',
              message: '$12.10 of $12 a month for the namespace has been spent.',
            }),
          ),
        },
      },
    }),
  },
  {
    title: 'Migrating to another platform',
    about: 'Viewers stay on the present stream until the next one plays.',
    before: [onAir, 3_600],
    scene: anObserved({ desired: found(toOther()), streams: [aStream(), anIncomingStream()] }),
  },
  {
    title: 'On the fallback platform',
    about: 'The preferred platform of the channel is out.',
    before: [
      anObserved({
        channel: toFallback,
        streams: [standIn],
        desired: found(toOther({ insteadOf: 'origin' })),
      }),
      600,
    ],
    scene: anObserved({
      channel: toFallback,
      streams: [standIn],
      desired: found(toOther({ insteadOf: 'origin' })),
    }),
  },
  {
    title: 'Deleting, while the platform is out',
    about: 'The channel stays until the platform confirms that its stream is gone.',
    scene: anObserved({
      channel: { deleting: true },
      streams: [
        aStream({
          ...noPod,
          record: aRecord({ since: at(-3_600) }),
          deferred: {
            failure: {
              part: 'stream',
              reason: 'PlatformUnavailable',
              message: 'StreamingPlatform origin: the platform does not answer.',
            },
          },
        }),
      ],
    }),
  },
];

/** docs/reference/channel-states.md: what `kubectl` shows of a channel in named states. */
export function channelStates(): string {
  return [
    generatedNotice,
    '# Channel states',
    '',
    'What `kubectl get livechannel show` and the status in `kubectl describe livechannel show` print in typical states,',
    'and the events of the change. Written by the code that writes the status. What conditions and relay status mean',
    'is in [conditions.md](../operate/conditions.md), what to do in [troubleshooting.md](../operate/troubleshooting.md).',
    '',
    ...states.flatMap(section),
  ].join('\n');
}

function section({ title, about, before, scene }: State): string[] {
  const old = before === undefined ? undefined : statusOf(before[0], undefined, -before[1]);
  const status = statusOf(scene, old, 0);
  const events = eventsFor(old, status).map(({ type, reason, message }) => [type, reason, message]);
  return [
    `## ${title}`,
    '',
    about,
    '',
    '```',
    ...overview(status),
    '',
    ...described(status),
    'Events:',
    ...(events.length === 0
      ? ['  none: nothing has changed']
      : alignedLines([['Type', 'Reason', 'Message'], ...events]).map((line) => `  ${line}`)),
    '```',
    '',
  ];
}

/** The observed state the given number of seconds from now, with the status that was written before. */
function statusOf(
  scene: Observed,
  before: LiveChannelStatus | undefined,
  seconds: number,
): LiveChannelStatus {
  const channel = before === undefined ? scene.channel : { ...scene.channel, status: before };
  return describeChannel({ ...scene, channel }, 'PodDeleted', seconds === 0 ? now : later(seconds));
}

/** As the printer columns show it, without URL and age. */
function overview({
  relayStatus,
  conditions = [],
  streamingPlatform,
  relay,
}: LiveChannelStatus): readonly string[] {
  const ready = conditions.find(({ type }) => type === 'Ready');
  return alignedLines(
    [
      ['NAME', 'RELAY', 'READY', 'REASON', 'PLATFORM', 'RESTARTS'],
      [
        'show',
        relayStatus ?? '',
        ready?.status ?? '',
        ready?.reason ?? '',
        streamingPlatform ?? '',
        String(relay?.restarts ?? 0),
      ],
    ],
    '   ',
  );
}

/**
 * A line of `kubectl describe`: names and lists are on separate lines, values are aligned with those of their
 * neighbors.
 */
type Line = readonly [label: string, value?: string];

function described(status: LiveChannelStatus): string[] {
  const lines: Line[] = [['Status:'], ...linesOf(status, 1)];
  return lines.map(([label, value], index) => {
    if (value === undefined) return label;
    let [from, to] = [index, index];
    while (lines[from - 1]?.[1] !== undefined) from -= 1;
    while (lines[to + 1]?.[1] !== undefined) to += 1;
    const width = Math.max(...lines.slice(from, to + 1).map(([each]) => each.length));
    return `${label.padEnd(width)}  ${value}`.trimEnd();
  });
}

function linesOf(object: object, depth: number): Line[] {
  const indent = '  '.repeat(depth);
  return Object.entries(object)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, value]: [string, unknown]): Line[] => {
      const label = `${indent}${labelOf(key)}:`;
      if (Array.isArray(value))
        return [[label], ...value.flatMap((each: object) => linesOf(each, depth + 1))];
      if (typeof value === 'object' && value !== null) return [[label], ...linesOf(value, depth + 1)];
      return [[label, String(value)]];
    });
}

/** `hlsPlaybackUrl` as kubectl writes it: "Hls Playback URL". */
const labelOf = (key: string): string =>
  key
    .replaceAll(/([A-Z])/g, ' $1')
    .split(' ')
    .map((word) => (['url', 'uid'].includes(word.toLowerCase()) ? word.toUpperCase() : capital(word)))
    .join(' ');
const capital = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
