import { z } from 'zod';

export const agoraTokenRequestSchema = z.strictObject({
  role: z
    .enum(['host', 'viewer'])
    .describe('viewer: watches on Agora; rejected while the mode is hls-only. host: publishes.'),
  uid: z.int().min(1).max(4294967295),
  ttlSeconds: z.int().min(60).max(86_400).default(3_600),
});

export const agoraTokenViewSchema = z.object({
  appId: z.string(),
  channelName: z.string(),
  uid: z.int(),
  token: z.string(),
  expiresAt: z.iso.datetime(),
});

export const audienceReportSchema = z.strictObject({
  agoraViewers: z.int().min(0).max(10_000_000).describe('Viewers who watch on Agora now, without the relay.'),
});
