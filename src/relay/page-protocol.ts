import { z } from 'zod';

/** What the relay's page and the supervisor say to each other: JSON text on the page's control WebSocket. */

/** Everything the page needs to be a viewer of one Agora channel. */
export interface JoinSettings {
  readonly appId: string;
  readonly channelName: string;
  readonly uid: number;
  readonly token: string;
  readonly hostUid: number | undefined;
  readonly accessPoints: { hosts: readonly string[]; domain: string; port: number } | undefined;
  /** The SDK tries without a limit on some answers; the page gives up after so long. */
  readonly timeoutMs: number;
  readonly keyframeIntervalMs: number;
}

export type PageCommand =
  | { readonly type: 'join'; readonly settings: JoinSettings }
  | { readonly type: 'leave' }
  | { readonly type: 'renew-token'; readonly token: string }
  | { readonly type: 'request-keyframe' }
  /** Which of the host's two streams to receive, where it publishes two. */
  | { readonly type: 'video-stream'; readonly stream: VideoStream };

export type VideoStream = 'high' | 'low';

/** What the browser's statistics say of the followed host's media, all since the page was loaded. */
const receptionSchema = z.object({
  videoPackets: z.number(),
  /** Lost for good, of both kinds. */
  packets: z.number(),
  packetsLost: z.number(),
  /** Of the video's packets. */
  jitterMs: z.number(),
  /** Keyframes that the browser or we asked for. */
  keyframeRequests: z.number(),
  /** Frames that the page received and could not hand over. */
  framesDropped: z.number(),
});
export type Reception = z.infer<typeof receptionSchema>;

const hostSchema = z.object({ uid: z.number(), video: z.boolean(), audio: z.boolean() });
/** The publisher that is followed, and what it publishes now. */
export type Host = z.infer<typeof hostSchema>;

/** Why the page is not, or no longer, in the channel. `retry` is for everything that may pass. */
const roomFaultSchema = z.object({
  cause: z.enum(['token-rejected', 'banned', 'retry']),
  /** For people: it becomes the message of a condition. */
  message: z.string(),
  /** The text of the SDK, for the log. */
  detail: z.string(),
});
export type RoomFault = z.infer<typeof roomFaultSchema>;

export const pageEventSchema = z.discriminatedUnion('type', [
  /** Each second, from the page's main thread. */
  z.object({ type: z.literal('heartbeat'), reception: receptionSchema.optional() }),
  z.object({ type: z.literal('joined') }),
  z.object({ type: z.literal('left'), fault: roomFaultSchema }),
  z.object({ type: z.literal('host'), host: hostSchema.nullable() }),
  z.object({ type: z.literal('connection'), state: z.string(), reason: z.string() }),
  z.object({ type: z.literal('token-will-expire') }),
  z.object({ type: z.literal('error'), message: z.string() }),
]);
export type PageEvent = z.infer<typeof pageEventSchema>;
