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
    .describe("Comma-separated names of Secrets in the channel's namespace to pull the relay's image with."),
  LIVECHANNEL_CLUSTER_ID: z
    .string()
    .max(63)
    .optional()
    .describe(
      'Marks the streams of this cluster on the platforms. Default: the uid of the namespace kube-system.',
    ),
  LIVECHANNEL_NAMESPACE: z
    .string()
    .default('default')
    .describe("The operator's own namespace; its Lease is there."),
  LIVECHANNEL_POD_NAME: z
    .string()
    .optional()
    .describe('Identity in the leader election. Default: the host name.'),
  LIVECHANNEL_WATCH_NAMESPACES: commaList
    .prefault('')
    .describe('Comma-separated namespaces whose channels are handled. Default: all.'),
  LIVECHANNEL_LEADER_ELECTION: z
    .stringbool()
    .default(true)
    .describe('false where there is just one operator.'),
  LIVECHANNEL_WORKERS: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .default(16)
    .describe('Channels worked on at once.'),
  LIVECHANNEL_HTTP_HOST: z.string().default('0.0.0.0').describe('Address of health and metrics.'),
  LIVECHANNEL_HTTP_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(8080)
    .describe('Port of health and metrics.'),
  LIVECHANNEL_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least level that is logged.'),
  LIVECHANNEL_AGORA_TOKEN_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .max(86_400)
    .default(7_200)
    .describe('Life of the Agora tokens; they are renewed at half of it.'),
  LIVECHANNEL_PLATFORM_CHECK_SECONDS: z.coerce
    .number()
    .min(1)
    .max(3_600)
    .default(30)
    .describe('How often credentials are tried and streams are listed on each platform.'),
  LIVECHANNEL_ORPHAN_GRACE_SECONDS: z.coerce
    .number()
    .min(0)
    .default(300)
    .describe('A stream that no channel owns is left alone until it is this old.'),
  LIVECHANNEL_DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .max(3_600)
    .default(30)
    .describe('After a move, the old stream goes on for so long, for players that still have its address.'),
  LIVECHANNEL_FALLBACK_RETURN_SECONDS: z.coerce
    .number()
    .min(1)
    .max(86_400)
    .default(300)
    .describe('So long on a fallback platform before the way back is tried, and between two tries.'),
  LIVECHANNEL_FALLBACK_ATTEMPT_SECONDS: z.coerce
    .number()
    .min(5)
    .max(3_600)
    .default(120)
    .describe('A try of the way back from a fallback platform is given up after this.'),
  ...recorderSettingsSchema.shape,
});
export type OperatorSettings = z.infer<typeof operatorSettingsSchema>;
