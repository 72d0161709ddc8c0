import { z } from 'zod';
import { liveChannelSpecSchema } from '../../src/api/live-channel.ts';
import type { Timing } from '../../src/base/timing.ts';
import { channelTimings } from '../../src/channel/timing.ts';
import { clusterTimings } from '../../src/cluster/timing.ts';
import { operatorSettingsSchema } from '../../src/operator/settings.ts';
import { controllerTimings } from '../../src/controllers/timing.ts';
import { recorderTimings } from '../../src/recorder/timing.ts';
import { relayTimings } from '../../src/relay/timing.ts';
import { code, generatedNotice, table } from './markdown.ts';

interface Configurable {
  /** A setting of the operator, or a path below `spec`. */
  readonly name: string;
  readonly what: string;
  readonly visibleAs: string;
}

/** Durations that are fields of a LiveChannel. The defaults come from the schema. */
const fields: readonly Configurable[] = [
  {
    name: 'fallback.afterSeconds',
    what: 'Time without a working relay after which the fallback is used',
    visibleAs: 'condition FallbackActive: Unknown while the time counts, then True',
  },
  {
    name: 'relay.idle.noHostSeconds',
    what: 'Time without a host after which the relay becomes idle; 0 disables',
    visibleAs: 'condition RelayReady with reason Idle',
  },
  {
    name: 'relay.idle.noViewersSeconds',
    what: 'Time without viewers after which the relay becomes idle; 0 disables',
    visibleAs: 'condition RelayReady with reason Idle',
  },
  {
    name: 'relay.idle.hostProbeIntervalSeconds',
    what: 'Interval between probes for the host while the relay is idle; 0 disables',
    visibleAs: 'condition RelayReady with reason Resuming, then Idle',
  },
  {
    name: 'relay.idle.holdLastFrameSeconds',
    what: 'Time that a stream without a host stays on air with the last frame or the slate',
    visibleAs: 'condition RelayReady with reason LastFrameHeld',
  },
];

/** Durations that are settings of the operator. */
const settings: readonly Configurable[] = [
  {
    name: 'LIVECHANNEL_DRAIN_SECONDS',
    what: 'Time that the old stream keeps running after viewers were sent elsewhere',
    visibleAs: 'event Migrated, then StreamDeleted',
  },
  {
    name: 'LIVECHANNEL_FALLBACK_RETURN_SECONDS',
    what: 'Time on the fallback platform before the return is tried, and between two attempts',
    visibleAs: 'condition FallbackActive with reason FallbackPlatform',
  },
  {
    name: 'LIVECHANNEL_FALLBACK_ATTEMPT_SECONDS',
    what: 'Time after which an attempt to return is aborted',
    visibleAs: 'event MigrationFailed',
  },
  {
    name: 'LIVECHANNEL_PLATFORM_CHECK_SECONDS',
    what: 'Interval between checks of the credentials and the streams of a platform',
    visibleAs: 'conditions of the StreamingPlatform; viewer counts',
  },
  {
    name: 'LIVECHANNEL_ORPHAN_GRACE_SECONDS',
    what: 'Age at which a stream without a LiveChannel counts as orphaned',
    visibleAs: 'condition OrphanedStreams, event OrphanedStreamDeleted',
  },
  {
    name: 'LIVECHANNEL_AGORA_TOKEN_SECONDS',
    what: 'Lifetime of Agora tokens, which are renewed at half of it',
    visibleAs: 'nothing: the relay takes the new token without reconnecting',
  },
];

const header = ['Duration', 'How long', 'What', 'What users see'];

/** docs/reference/timings.md: every duration that users can notice, and where it is set. */
export function timingsReference(): string {
  return [
    generatedNotice,
    '# Timings\n',
    'Durations that you can notice in conditions, events and the length of an interruption. Those of the first two',
    'tables are configurable; the others are constants in the source, with the reason for each value.\n',
    '## Fields of a LiveChannel\n',
    `${configurable(fields, liveChannelSpecSchema, (name) => code(`spec.${name}`))}\n`,
    '## Settings of the operator\n',
    'See [settings](settings.md) for how to set them.\n',
    `${configurable(settings, operatorSettingsSchema, code)}\n`,
    '## Channels\n',
    'In `src/channel/timing.ts`.\n',
    `${constants(channelTimings)}\n`,
    '## Relays, nodes and platforms\n',
    'In `src/controllers/timing.ts`.\n',
    `${constants(controllerTimings)}\n`,
    '## Congestion between relay and ingest\n',
    'In `src/relay/timing.ts`.\n',
    `${constants(relayTimings)}\n`,
    '## Access to platforms\n',
    'In `src/cluster/timing.ts`.\n',
    `${constants(clusterTimings)}\n`,
    '## Alerts and webhooks\n',
    'In `src/recorder/timing.ts`.\n',
    `${constants(recorderTimings)}\n`,
  ].join('\n');
}

function constants(timings: readonly Timing[]): string {
  return table(
    header,
    timings.map(({ name, ms, what, visibleAs }) => [code(name), duration(ms), what, visibleAs]),
  );
}

function configurable(
  rows: readonly Configurable[],
  schema: z.ZodType,
  shown: (name: string) => string,
): string {
  const document = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return table(
    header,
    rows.map(({ name, what, visibleAs }) => {
      const seconds = defaultOf(document, name);
      const long = seconds === 0 ? 'disabled' : duration(seconds * 1_000);
      return [shown(name), `${long} by default`, what, visibleAs];
    }),
  );
}

const nodeSchema = z.looseObject({
  default: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});

/** The default of a field in a JSON schema. Throws if there is none, so that no row outlives its field. */
function defaultOf(document: unknown, path: string): number {
  let node: unknown = document;
  for (const key of path.split('.')) node = nodeSchema.parse(node).properties?.[key];
  const value = nodeSchema.optional().parse(node)?.default;
  if (typeof value !== 'number') throw new Error(`${path} has no default in its schema`);
  return value;
}

/** In the largest unit without a fraction. */
function duration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 120_000) return `${ms / 1_000} s`;
  return ms < 7_200_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;
}
