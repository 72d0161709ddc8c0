import { z } from 'zod';

/** Messages between the relay's page and the supervisor: JSON text on the page's control WebSocket. */

/** Everything the page needs to join one Agora channel as a viewer. */
export interface JoinSettings {
  readonly appId: string;
  readonly channelName: string;
  readonly uid: number;
  /** Null for a project without an App Certificate. */
  readonly token: string | null;
  readonly hostUid: number | undefined;
  readonly accessPoints: { hosts: readonly string[]; domain: string; port: number } | undefined;
  /** Time after which the page gives up joining. The SDK itself retries some responses without a limit. */
  readonly timeoutMs: number;
  readonly keyframeIntervalMs: number;
}

/** Message from the supervisor to the page. */
export type PageCommand =
  | { readonly type: 'join'; readonly settings: JoinSettings }
  | { readonly type: 'leave' }
  | { readonly type: 'renew-token'; readonly token: string }
  | { readonly type: 'request-keyframe' }
  /** Which of the host's two streams to receive, if it publishes two. */
  | { readonly type: 'video-stream'; readonly stream: VideoStream };

/** The high- or low-quality stream of a host that publishes both. */
export type VideoStream = 'high' | 'low';

/** The browser's statistics about the followed host's media, counted since the page was loaded. */
const receptionSchema = z.object({
  videoPackets: z.number(),
  /** Audio and video packets that were lost and not recovered. */
  packets: z.number(),
  packetsLost: z.number(),
  /** Jitter of the video packets. */
  jitterMs: z.number(),
  /** Keyframes that the browser or the page requested. */
  keyframeRequests: z.number(),
  /** Frames that the page received but could not send to the relay. */
  framesDropped: z.number(),
});
export type Reception = z.infer<typeof receptionSchema>;

const hostSchema = z.object({ uid: z.number(), video: z.boolean(), audio: z.boolean() });
/** The publisher that is followed, and what it publishes now. */
export type Host = z.infer<typeof hostSchema>;

/** Why the page is not, or no longer, in the channel. `retry` stands for every cause that may be temporary. */
const roomFaultSchema = z.object({
  cause: z.enum(['token-rejected', 'banned', 'retry']),
  /** For users: it becomes the message of a condition. */
  message: z.string(),
  /** Text of the SDK, for the log. */
  detail: z.string(),
});
export type RoomFault = z.infer<typeof roomFaultSchema>;

/** Message from the page to the supervisor. */
export const pageEventSchema = z.discriminatedUnion('type', [
  /** Sent every second, from the page's main thread. */
  z.object({ type: z.literal('heartbeat'), reception: receptionSchema.optional() }),
  z.object({ type: z.literal('joined') }),
  z.object({ type: z.literal('left'), fault: roomFaultSchema }),
  z.object({ type: z.literal('host'), host: hostSchema.nullable() }),
  z.object({ type: z.literal('connection'), state: z.string(), reason: z.string() }),
  z.object({ type: z.literal('token-will-expire') }),
  z.object({ type: z.literal('error'), message: z.string() }),
]);
export type PageEvent = z.infer<typeof pageEventSchema>;
