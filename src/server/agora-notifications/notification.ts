import { z } from 'zod';
import { parseJson } from '../../base/parse-json.ts';
import { isPlainText } from '../../base/plain-text.ts';

/** Agora's product "RTC"; the same event types mean other things in other products. */
const RTC = 1;
/** The channel of the test notifications that Agora Console sends when the webhook is configured. */
const TEST_CHANNEL = 'test_webhook';
/** Values of `clientType`: on-premise and cloud recording. They are members of the channel, and do not watch it. */
const recorders: readonly number[] = [3, 10];

const uint32 = z.int().min(0).max(4_294_967_295);
/** Seconds until the year 2286. */
const seconds = z.int().min(0).max(9_999_999_999);

/**
 * The body of a notification. Agora adds fields over time, so unknown ones are ignored.
 * https://docs.agora.io/en/api-reference/api-ref/rtc/channel-event-types
 */
export const notificationSchema = z
  .object({
    noticeId: z
      .string()
      .min(1)
      .max(256)
      .describe('Identifies the notification; the same when it is repeated.'),
    productId: z.int().describe('1: RTC.'),
    eventType: z.int().describe('101 to 112: an event of an RTC channel.'),
    notifyMs: z.int().min(0).describe('When it was sent, in Unix milliseconds; updated when it is repeated.'),
    payload: z
      .object({
        channelName: z.string().min(1).max(64).refine(isPlainText, 'has control characters'),
        ts: seconds.describe('When the event happened, in Unix seconds.'),
        uid: uint32.optional(),
        clientSeq: z.int().min(0).optional().describe('Order of the events of one user.'),
        clientType: z.int().optional().describe('3 and 10: recording.'),
      })
      .describe('Depends on the event type.'),
  })
  .meta({ id: 'AgoraNotification' });

/** What the event types say about a user. `user`: the communication profile has no roles. */
const memberEvents: Readonly<Record<number, { readonly present: boolean; readonly role: Role }>> = {
  103: { present: true, role: 'host' },
  104: { present: false, role: 'host' },
  105: { present: true, role: 'audience' },
  106: { present: false, role: 'audience' },
  107: { present: true, role: 'user' },
  108: { present: false, role: 'user' },
  111: { present: true, role: 'host' },
  112: { present: true, role: 'audience' },
};
const CHANNEL_DESTROYED = 102;

type Role = 'host' | 'audience' | 'user';

interface Sent {
  readonly noticeId: string;
  readonly agoraChannel: string;
  /** When the event happened. */
  readonly at: Date;
  /** When this notification was sent. */
  readonly sentAt: Date;
}

/** A user joined, left, or changed its role. */
export interface MemberNotification extends Sent {
  readonly about: 'member';
  readonly uid: number;
  readonly clientSeq: number;
  readonly present: boolean;
  readonly role: Role;
}

/** The last user has left. */
export interface DestroyNotification extends Sent {
  readonly about: 'destroy';
}

/** A notification that has no effect: of another product or type, a test, or about a recorder. */
interface Ignored {
  readonly about: 'nothing';
}

/** Reads a body. undefined: it is not a notification. */
export function parseNotification(
  body: string,
): MemberNotification | DestroyNotification | Ignored | undefined {
  const parsed = notificationSchema.safeParse(parseJson(body));
  if (!parsed.success) return otherProduct(body);
  const { noticeId, productId, eventType, notifyMs, payload } = parsed.data;
  const { channelName, ts, uid, clientSeq, clientType } = payload;
  if (productId !== RTC || channelName === TEST_CHANNEL) return { about: 'nothing' };
  const sent = { noticeId, agoraChannel: channelName, at: new Date(ts * 1_000), sentAt: new Date(notifyMs) };
  if (eventType === CHANNEL_DESTROYED) return { about: 'destroy', ...sent };
  const event = memberEvents[eventType];
  if (event === undefined || (clientType !== undefined && recorders.includes(clientType)))
    return { about: 'nothing' };
  if (uid === undefined || uid === 0 || clientSeq === undefined) return undefined;
  return { about: 'member', ...sent, uid, clientSeq, ...event };
}

/** Events of other products and types have other payloads. */
const envelopeSchema = z.object({ productId: z.int(), eventType: z.int() });

function otherProduct(body: string): Ignored | undefined {
  const parsed = envelopeSchema.safeParse(parseJson(body));
  if (!parsed.success) return undefined;
  const { productId, eventType } = parsed.data;
  const isOurs = productId === RTC && (eventType === CHANNEL_DESTROYED || eventType in memberEvents);
  return isOurs ? undefined : { about: 'nothing' };
}
