import { z } from 'zod';
import { ownerTagNames, ownerTags } from '../owner-tags.ts';
import type { PlaybackOptions, StreamRequest } from '../platform.ts';
import type { LiveInput } from './cloudflare-answers.ts';
import { accessSchema, latencySchema, recordingSchema } from '../../api/values.ts';

/**
 * Tags with the channel's options. They are stored on the input, so that its settings can be corrected and its recordings
 * handled correctly when it is deleted.
 */
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

/** Retention of unwanted recordings that were not deleted with their input: the minimum that Cloudflare accepts. */
const MIN_RETENTION_DAYS = 30;

/** The settings of a live input that the operator controls. */
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
 * The settings of an input for a channel with these options. `recording.mode` is always automatic, because with off,
 * Cloudflare's default, there is no HLS at all. Recordings of a channel without recording are deleted with its stream; a
 * retention of 30 days covers those that the deletion missed. `recordingDays` is the retention of the recordings of
 * channels with recording; undefined: no limit.
 */
export function wantedSettings(
  { latency, access, recording }: PlaybackOptions,
  recordingDays: number | undefined,
): InputSettings {
  const days = recording === 'off' ? MIN_RETENTION_DAYS : recordingDays;
  return {
    enabled: true,
    preferLowLatency: latency === 'low',
    ...(days === undefined ? {} : { deleteRecordingAfterDays: days }),
    recording: { mode: 'automatic', requireSignedURLs: access === 'signed', hideLiveViewerCount: false },
  };
}

/** The meta of a new input: owner tag and options. The dashboard shows `name`. */
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

/** The meta without the owner tag. Other entries are kept. */
export function disownedMeta(meta: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names: readonly string[] = Object.values(ownerTagNames);
  return Object.fromEntries(Object.entries(meta).filter(([key]) => !names.includes(key)));
}

/** The channel's options from the tags. Undefined for an input that was not created by an operator. */
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
 * The update that restores the settings required by the input's channel, e.g. after an operator crashed and left the input
 * disabled, or after a change in the dashboard. Undefined if no update is needed. Other settings are not changed; those in
 * `recording` are included in the update, because a PUT replaces that object as a whole.
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
