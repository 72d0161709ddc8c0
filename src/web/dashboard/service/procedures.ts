import { z } from 'zod';
import type { AuditMatch } from '../../../api/audit-match.ts';
import { channelViewSchema } from '../../../api/channel-view.ts';
import type { Resolution, StreamMode } from '../../../api/values.ts';
import { alertViewSchema } from '../../../server/contract/alerts.ts';
import {
  apiKeyViewSchema,
  createdApiKeySchema,
  type ApiKeyRequest,
  type CreatedApiKey,
} from '../../../server/contract/api-keys.ts';
import { auditEntryViewSchema } from '../../../server/contract/audit.ts';
import { momentSchema, MOST_MOMENTS } from '../../../server/contract/history.ts';
import { metricPointSchema } from '../../../server/contract/metrics.ts';
import { overviewSchema } from '../../../server/contract/overview.ts';
import { platformViewSchema } from '../../../server/contract/platforms.ts';
import { qoeViewSchema } from '../../../server/contract/qoe.ts';

/** A procedure of the service, and what the page expects of its answer. */
export interface Procedure<Input, Output> {
  readonly path: string;
  readonly output: z.ZodType<Output>;
  /** Carries the type of the input alone. */
  readonly input?: Input;
}

const procedure = <Input, Output>(path: string, output: z.ZodType<Output>): Procedure<Input, Output> => ({
  path,
  output,
});

/** Highest number of items in a page of a list; the service's own limit. */
export const PAGE_ITEMS = 500;
/** Of a range: the service returns at most one for every 10 s of a day. */
const MOST_POINTS = 8_640;
const MOST_PLATFORMS = 1_000;
/** With those that expired or were revoked since the audit log begins. */
const MOST_API_KEYS = 100_000;

const page = <Item>(item: z.ZodType<Item>) =>
  z.object({ items: z.array(item).max(PAGE_ITEMS), next: z.string().max(1_024).optional() });
const done = z.object({ success: z.literal(true) });

interface OfChannel {
  readonly channelId: string;
}
/** What is undefined is not sent, and stays. */
export interface ChannelChange {
  readonly streamMode?: StreamMode | undefined;
  /** null: the platform that is marked as the default. */
  readonly platform?: string | null | undefined;
  readonly maxResolution?: Resolution | undefined;
  /** null: the limit of the platform. */
  readonly maxVideoBitrateKbps?: number | null | undefined;
  readonly standby?: boolean | undefined;
}

/** Entries of the audit log to read; what is not named is not filtered by. */
export interface AuditFilter {
  readonly subject?: string;
  readonly action?: string;
  readonly channelId?: string;
  /** Of subject and channelId. */
  readonly match?: AuditMatch;
  readonly from?: string;
  readonly to?: string;
  readonly before?: string;
}

/**
 * Every procedure that the dashboard calls. Answers are parsed with the schemas of the contract: the page may be older
 * than the service.
 */
export const procedures = {
  overview: procedure<undefined, z.infer<typeof overviewSchema>>('overview', overviewSchema),
  channels: procedure<
    { readonly limit: number; readonly after?: string },
    { items: z.infer<typeof channelViewSchema>[]; next?: string | undefined }
  >('channels.list', page(channelViewSchema)),
  platforms: procedure<undefined, z.infer<typeof platformViewSchema>[]>(
    'platforms',
    z.array(platformViewSchema).max(MOST_PLATFORMS),
  ),
  alerts: procedure<
    {
      readonly channelId?: string;
      readonly open?: boolean;
      readonly limit: number;
      readonly before?: string;
    },
    { items: z.infer<typeof alertViewSchema>[]; next?: string | undefined }
  >('alerts', page(alertViewSchema)),
  audit: procedure<
    AuditFilter & { readonly limit: number },
    { items: z.infer<typeof auditEntryViewSchema>[]; next?: string | undefined }
  >('audit', page(auditEntryViewSchema)),
  metrics: procedure<
    OfChannel & { readonly from: string; readonly to: string; readonly step: number },
    z.infer<typeof metricPointSchema>[]
  >('streaming.analytics', z.array(metricPointSchema).max(MOST_POINTS)),
  qoe: procedure<OfChannel, z.infer<typeof qoeViewSchema>>('qoe.lastHour', qoeViewSchema),
  history: procedure<
    OfChannel & { readonly from: string; readonly to: string },
    z.infer<typeof momentSchema>[]
  >('channels.history', z.array(momentSchema).max(MOST_MOMENTS)),
  apiKeys: procedure<undefined, z.infer<typeof apiKeyViewSchema>[]>(
    'apiKeys.list',
    z.array(apiKeyViewSchema).max(MOST_API_KEYS),
  ),
  createApiKey: procedure<ApiKeyRequest, CreatedApiKey>('apiKeys.create', createdApiKeySchema),
  revokeApiKey: procedure<{ readonly id: string }, z.infer<typeof done>>('apiKeys.revoke', done),
  start: procedure<OfChannel, z.infer<typeof done>>('relay.start', done),
  stop: procedure<OfChannel, z.infer<typeof done>>('relay.stop', done),
  rotateKey: procedure<OfChannel, z.infer<typeof done>>('channels.rotateKey', done),
  end: procedure<OfChannel, z.infer<typeof done>>('channels.end', done),
  update: procedure<
    OfChannel & { readonly settings: ChannelChange },
    { channel: z.infer<typeof channelViewSchema> }
  >('channels.update', z.object({ channel: channelViewSchema })),
} as const;

export type MetricPoint = z.infer<typeof metricPointSchema>;
export type PlatformView = z.infer<typeof platformViewSchema>;
