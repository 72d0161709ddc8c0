import { z } from 'zod';
import { ownerTagNames, ownerTags } from '../owner-tags.ts';
import type { PlaybackOptions, StreamRequest } from '../platform.ts';
import type { LiveInput } from './cloudflare-answers.ts';
import { accessSchema, latencySchema, recordingSchema } from '../../api/values.ts';

/** What a channel asked of its input, kept on the input, so that it can be brought back in line, and deleted rightly. */
const optionTags = {
  latency: 'livechannel.dev/latency',
  access: 'livechannel.dev/access',
  recording: 'livechannel.dev/recording',
} as const;

const optionsSchema = z.object({
  [optionTags.latency]: latencySchema,
  [optionTags.access]: accessSchema,
  [optionTags.recording]: recordingSchema,
});

/** What recordings that ought to be gone already live at most: the least that Cloudflare takes. */
const LEAST_DAYS = 30;

export interface InputSettings {
  readonly enabled: true;
  readonly preferLowLatency: boolean;
  readonly deleteRecordingAfterDays?: number;
  readonly recording: {
    readonly mode: 'automatic';
    readonly requireSignedURLs: boolean;
    readonly hideLiveViewerCount: false;
  };
}

/**
 * `recording.mode` is always automatic: off, which is Cloudflare's default, means that there is no HLS at all. What
 * was recorded for a channel that asked for no recordings is deleted with its stream; a life of 30 days catches what
 * that missed. `recordingDays` is the life of the recordings that a channel did ask for; undefined: for ever.
 */
export function wantedSettings(
  { latency, access, recording }: PlaybackOptions,
  recordingDays: number | undefined,
): InputSettings {
  const days = recording === 'off' ? LEAST_DAYS : recordingDays;
  return {
    enabled: true,
    preferLowLatency: latency === 'low',
    ...(days === undefined ? {} : { deleteRecordingAfterDays: days }),
    recording: { mode: 'automatic', requireSignedURLs: access === 'signed', hideLiveViewerCount: false },
  };
}

/** `name` is what the dashboard shows. */
export function metaOf({
  name,
  owner,
  latency,
  access,
  recording,
}: Omit<StreamRequest, 'attempt'>): Record<string, string> {
  return {
    name,
    ...ownerTags(owner),
    [optionTags.latency]: latency,
    [optionTags.access]: access,
    [optionTags.recording]: recording,
  };
}

/** The meta without whose it is; all else stays. */
export function disownedMeta(meta: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names: readonly string[] = Object.values(ownerTagNames);
  return Object.fromEntries(Object.entries(meta).filter(([key]) => !names.includes(key)));
}

/** Undefined for an input that no operator made. */
export function optionsOf(meta: Readonly<Record<string, unknown>>): PlaybackOptions | undefined {
  const tags = optionsSchema.safeParse(meta);
  if (!tags.success) return undefined;
  return {
    latency: tags.data[optionTags.latency],
    access: tags.data[optionTags.access],
    recording: tags.data[optionTags.recording],
  };
}

/**
 * What must be told the input for it to serve its channel, e.g. because it was left disabled by an operator that
 * crashed, or was changed in the dashboard. Undefined: nothing. Settings that are not ours are left as they are;
 * those inside `recording` are sent along, because a PUT replaces it whole.
 */
export function corrections(input: LiveInput, recordingDays: number | undefined): object | undefined {
  const options = optionsOf(input.meta);
  if (options === undefined) return undefined;
  const wanted = wantedSettings(options, recordingDays);
  const days = wanted.deleteRecordingAfterDays;
  const inLine =
    input.enabled &&
    input.preferLowLatency === wanted.preferLowLatency &&
    input.recording?.mode === wanted.recording.mode &&
    (input.recording.requireSignedURLs ?? false) === wanted.recording.requireSignedURLs &&
    (days === undefined || input.deleteRecordingAfterDays === days);
  return inLine ? undefined : { ...wanted, recording: { ...input.recording, ...wanted.recording } };
}
