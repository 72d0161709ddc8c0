import { z } from 'zod';

/**
 * What the API and the delivery host answer, as far as it is used. The SDK's types say less than the truth in two
 * places: `status` has two shapes in the wild, and `playback` is missing from some documented answers.
 */

/** Of what an input told of its connection. */
export interface ConnectionStatus {
  /** undefined: it did not say. */
  readonly connected: boolean | undefined;
  /** false: nobody has ever pushed to it, so there is nothing recorded. */
  readonly everConnected: boolean;
  readonly since: string | undefined;
}

const connectedStates = new Set(['connected', 'reconnected', 'new_configuration_accepted']);

function connection(state: string, since?: string): ConnectionStatus {
  return { connected: connectedStates.has(state), everConnected: true, since };
}
const unknownConnection: ConnectionStatus = { connected: undefined, everConnected: true, since: undefined };
const neverConnected: ConnectionStatus = { connected: false, everConnected: false, since: undefined };

/** A word, as the SDK's types have it, or `{current: {state}}`, as the live API answers; null before the first push. */
const statusSchema = z
  .union([
    z.null().transform(() => neverConnected),
    z.string().transform((state) => connection(state)),
    z
      .object({
        current: z
          .object({ state: z.string().nullable(), statusEnteredAt: z.string().optional() })
          .nullable(),
      })
      .transform(({ current }) =>
        typeof current?.state === 'string'
          ? connection(current.state, current.statusEnteredAt)
          : neverConnected,
      ),
  ])
  .optional()
  .catch(undefined)
  .transform((status) => status ?? unknownConnection);

const metaSchema = z
  .record(z.string(), z.unknown())
  .nullish()
  .catch(undefined)
  .transform((meta) => meta ?? {});

const listedInputSchema = z.object({
  uid: z.string().min(1),
  created: z.string().optional(),
  meta: metaSchema,
});
export type ListedInput = z.infer<typeof listedInputSchema>;

export const liveInputSchema = listedInputSchema.extend({
  enabled: z.boolean().default(true),
  preferLowLatency: z.boolean().default(false),
  deleteRecordingAfterDays: z.number().nullish(),
  recording: z
    .looseObject({ mode: z.string().optional(), requireSignedURLs: z.boolean().nullish() })
    .nullish(),
  rtmps: z.object({ url: z.string().min(1), streamKey: z.string().min(1) }),
  playback: z.object({ hls: z.string().min(1) }).optional(),
  webRTCPlayback: z.object({ url: z.string().min(1) }).optional(),
  status: statusSchema,
});
export type LiveInput = z.infer<typeof liveInputSchema>;

export const inputListSchema = z.object({
  liveInputs: z.array(listedInputSchema),
  total: z.number().nullish(),
});

export const videoSchema = z.object({
  uid: z.string().min(1),
  created: z.string().optional(),
  liveInput: z.string().nullish(),
  playback: z
    .object({ hls: z.string().min(1) })
    .optional()
    .catch(undefined),
  status: z.object({ state: z.string().optional() }).nullish(),
});
export type Video = z.infer<typeof videoSchema>;
export const videosSchema = z.array(videoSchema);
/** For calls that the SDK has no method for: it unwraps `result` only where it knows the call. */
export const videosEnvelopeSchema = z.object({ result: videosSchema }).transform(({ result }) => result);
/** Of rotating keys: the input with its new ones. 'unclear': it answered something else, which changes nothing. */
export const rotatedSchema = z
  .object({ result: liveInputSchema })
  .transform(({ result }) => result)
  .or(z.unknown().transform(() => 'unclear' as const));

export const tokenSchema = z.object({ status: z.string() });
export const namedSchema = z.array(z.object({ id: z.string() }));

export const lifecycleSchema = z.object({ live: z.boolean(), videoUID: z.string().nullish() });
export const viewsSchema = z.object({ liveViewers: z.int().min(0) });

/** Of GraphQL, which says 200 to what it refuses, too. */
export const minutesViewedSchema = z.object({
  data: z
    .object({
      viewer: z.object({
        accounts: z.array(
          z.object({
            streamMinutesViewedAdaptiveGroups: z.array(
              z.object({
                sum: z.object({ minutesViewed: z.number().min(0) }),
                dimensions: z.object({ uid: z.string() }),
              }),
            ),
          }),
        ),
      }),
    })
    .nullish(),
  errors: z.array(z.object({ message: z.string() })).nullish(),
});

/** The body of a refusal. */
export const problemSchema = z.object({
  errors: z.array(
    z.object({ code: z.union([z.int(), z.string()]).optional(), message: z.string().default('') }),
  ),
});
