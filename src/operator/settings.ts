import { z } from 'zod';
import { commaList } from '../base/environment.ts';
import { recorderSettingsSchema } from '../recorder/settings.ts';

/** The operator's settings, from the environment. docs/reference/settings.md is generated from it. */
export const operatorSettingsSchema = z.object({
  LIVECHANNEL_RELAY_IMAGE: z.string().min(1).describe('Image of the relay pods.'),
  LIVECHANNEL_RELAY_IMAGE_PULL_POLICY: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .default('IfNotPresent')
    .describe('Pull policy of the relay pods.'),
  LIVECHANNEL_RELAY_IMAGE_PULL_SECRETS: commaList
    .prefault('')
    .describe("Comma-separated names of image pull Secrets for the relay pods, in the channel's namespace."),
  LIVECHANNEL_CLUSTER_ID: z
    .string()
    .max(63)
    .optional()
    .describe(
      'ID that marks the streams of this cluster on the platforms. Default: the UID of the namespace kube-system.',
    ),
  LIVECHANNEL_NAMESPACE: z
    .string()
    .default('default')
    .describe("The operator's own namespace, which contains its Lease."),
  LIVECHANNEL_POD_NAME: z
    .string()
    .optional()
    .describe('Identity in the leader election. Default: the host name.'),
  LIVECHANNEL_WATCH_NAMESPACES: commaList
    .prefault('')
    .describe('Comma-separated namespaces to watch for channels. Default: all.'),
  LIVECHANNEL_LEADER_ELECTION: z
    .stringbool()
    .default(true)
    .describe('Whether to elect a leader. Set false only where a single operator runs.'),
  LIVECHANNEL_WORKERS: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .default(16)
    .describe('Maximum number of channels reconciled concurrently.'),
  LIVECHANNEL_HTTP_HOST: z
    .string()
    .default('0.0.0.0')
    .describe('Address that health checks and metrics are served on.'),
  LIVECHANNEL_HTTP_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(8080)
    .describe('Port that health checks and metrics are served on.'),
  LIVECHANNEL_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Minimum level of log lines.'),
  LIVECHANNEL_AGORA_TOKEN_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .max(86_400)
    .default(7_200)
    .describe('Validity of the Agora tokens. They are renewed after half of it.'),
  LIVECHANNEL_PLATFORM_CHECK_SECONDS: z.coerce
    .number()
    .min(1)
    .max(3_600)
    .default(30)
    .describe('How often the credentials of each platform are verified and its streams listed.'),
  LIVECHANNEL_ORPHAN_GRACE_SECONDS: z.coerce
    .number()
    .min(0)
    .default(300)
    .describe('How long an orphaned stream must have been observed before it is reported or deleted.'),
  LIVECHANNEL_DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .max(3_600)
    .default(30)
    .describe(
      'How long the previous stream continues after a migration, for players that still use its address.',
    ),
  LIVECHANNEL_FALLBACK_RETURN_SECONDS: z.coerce
    .number()
    .min(1)
    .max(86_400)
    .default(300)
    .describe(
      'How long a channel stays on a fallback platform before a return is attempted, and between two attempts.',
    ),
  LIVECHANNEL_FALLBACK_ATTEMPT_SECONDS: z.coerce
    .number()
    .min(5)
    .max(3_600)
    .default(120)
    .describe('Timeout of an attempt to return from a fallback platform.'),
  ...recorderSettingsSchema.shape,
});
export type OperatorSettings = z.infer<typeof operatorSettingsSchema>;
