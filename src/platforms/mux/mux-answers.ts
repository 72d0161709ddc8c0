import { z } from 'zod';

/**
 * Schemas of the parts of Mux's answers that the driver uses. The SDK's types are not validated, and the server at baseUrl
 * may not be Mux, so the fields are checked here.
 */
export const liveStreamSchema = z.object({
  id: z.string().min(1),
  status: z.enum(['idle', 'active', 'disabled']),
  stream_key: z.string().min(1),
  /** Unix time in seconds, as a string. */
  created_at: z.string().regex(/^\d+$/),
  passthrough: z.string().optional(),
  playback_ids: z.array(z.object({ id: z.string().min(1), policy: z.string() })).default([]),
  active_asset_id: z.string().optional(),
  recent_asset_ids: z.array(z.string()).default([]),
});
export type MuxLiveStream = z.infer<typeof liveStreamSchema>;
export const liveStreamListSchema = z.object({ data: z.array(liveStreamSchema) });

/** An asset is the recording of a broadcast. */
export const assetSchema = z.object({ id: z.string().min(1), created_at: z.string().regex(/^\d+$/) });
export type MuxAsset = z.infer<typeof assetSchema>;
export const assetListSchema = z.object({ data: z.array(assetSchema) });

/** https://www.mux.com/docs/api-reference/video/delivery-usage/list-delivery-usage */
export const deliveryReportListSchema = z.object({
  data: z.array(z.object({ delivered_seconds: z.number().min(0), passthrough: z.string().optional() })),
});
export type MuxDeliveryReport = z.infer<typeof deliveryReportListSchema>['data'][number];

export const viewerCountsSchema = z.object({ data: z.array(z.object({ viewers: z.int().min(0) })) });

/** The body of an error: https://www.mux.com/docs/core/make-api-requests */
export const muxProblemSchema = z.object({
  error: z.object({ type: z.string(), messages: z.array(z.string()).default([]) }),
});

/** Converts Mux's time, Unix seconds as a string. */
export function muxTime(seconds: string): Date {
  return new Date(Number(seconds) * 1_000);
}
