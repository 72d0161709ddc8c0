import { z } from 'zod';

/**
 * Schemas of the parts of the answers of the API and the delivery host that are used. They differ from the SDK's types in
 * two places: `status` has two shapes in practice, and `playback` is missing in some documented answers.
 */

/** State of the connection to an input. */
export interface ConnectionStatus {
  /** undefined: not reported. */
  readonly connected: boolean | undefined;
  /** false: no publisher has ever connected, so there are no recordings. */
  readonly everConnected: boolean;
  /** Time of the last change of the state, ISO 8601. */
  readonly since: string | undefined;
}

const connectedStates = new Set(['connected', 'reconnected', 'new_configuration_accepted']);

function connection(state: string, since?: string): ConnectionStatus {
  return { connected: connectedStates.has(state), everConnected: true, since };
}
const unknownConnection: ConnectionStatus = { connected: undefined, everConnected: true, since: undefined };
const neverConnected: ConnectionStatus = { connected: false, everConnected: false, since: undefined };

/** A string in the SDK's types, `{current: {state}}` in the live API's answers, null before the first connection. */
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
/** For calls without a method in the SDK, which unwraps `result` only for the calls that it knows. */
export const videosEnvelopeSchema = z.object({ result: videosSchema }).transform(({ result }) => result);
/** The answer to a key rotation: the input with its new key. 'unclear': another format; the rotation was successful. */
export const rotatedSchema = z
  .object({ result: liveInputSchema })
  .transform(({ result }) => result)
  .or(z.unknown().transform(() => 'unclear' as const));

export const tokenSchema = z.object({ status: z.string() });
export const namedSchema = z.array(z.object({ id: z.string() }));

export const lifecycleSchema = z.object({ live: z.boolean(), videoUID: z.string().nullish() });
export const viewsSchema = z.object({ liveViewers: z.int().min(0) });

/** The answer of the GraphQL API, whose status is 200 for refused queries, too. */
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

/** The body of an error answer. */
export const problemSchema = z.object({
  errors: z.array(
    z.object({ code: z.union([z.int(), z.string()]).optional(), message: z.string().default('') }),
  ),
});
