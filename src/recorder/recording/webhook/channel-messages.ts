import { z } from 'zod';
import { findCondition } from '../../../api/conditions.ts';
import { idOf, parts, UNKNOWN_ID } from '../../../api/event-id.ts';
import type { LiveChannel } from '../../../api/live-channel.ts';
import { effectiveStreamModeSchema } from '../../../api/values.ts';
import type { ChannelMessage, WebhookMessage } from '../../../api/webhooks.ts';
import { channelView, type Numbers } from '../../../channel/views/channel-view.ts';
import { modeFacts, modeNewsSince } from '../../../channel/views/mode-news.ts';
import { parseJson } from '../../../base/parse-json.ts';
import { oneLine } from '../../../base/one-line.ts';
import type { ChannelKey } from '../../../store/store.ts';
import { channelKey } from '../take-sample.ts';

/** `data` of the messages about channels. */
export type ChannelMessageData<T extends ChannelMessage = ChannelMessage> = Extract<
  WebhookMessage,
  { readonly type: `livechannel.${T}` }
>['data'];

/** What was last announced of a channel. A change of any member is announced. */
const announcedSchema = z.object({
  uid: z.string(),
  status: z.string().optional(),
  reason: z.string().optional(),
  url: z.string().optional(),
  mode: effectiveStreamModeSchema.optional(),
  agoraFrom: z.number().optional(),
});
export type AnnouncedState = z.infer<typeof announcedSchema>;

/** undefined: nothing, or what this version cannot read; then everything is announced again. */
export function parseAnnounced(text: string | undefined): AnnouncedState | undefined {
  if (text === undefined) return undefined;
  const { data } = announcedSchema.safeParse(parseJson(text));
  return data;
}

/** What is compared of a URL. Those of platforms are much shorter. */
const MAX_URL_LENGTH = 4_000;

export function announcedState(channel: LiveChannel): AnnouncedState {
  const { metadata, status } = channel;
  const { mode, agoraFrom } = modeFacts(channel);
  return {
    uid: metadata.uid,
    ...(status?.relayStatus === undefined ? {} : { status: status.relayStatus }),
    ...readyReason(channel),
    ...(status?.hlsPlaybackUrl === undefined ? {} : { url: status.hlsPlaybackUrl.slice(0, MAX_URL_LENGTH) }),
    ...(mode === undefined ? {} : { mode }),
    ...(agoraFrom === undefined ? {} : { agoraFrom }),
  };
}

/**
 * The messages that announce a channel's state after `before`, in order. As for subscribers, a mode comes before the status
 * that has it. Empty: nothing changed that is announced.
 */
export function messagesSince(
  before: AnnouncedState | undefined,
  channel: LiveChannel,
  numbers: Numbers,
  now: Date,
): readonly ChannelMessageData[] {
  const { namespace, channelId } = channelKey(channel);
  const state = announcedState(channel);
  // A channel of the same id that was deleted and created again.
  const known = before?.uid === state.uid ? before : undefined;
  const ended =
    before !== undefined && known === undefined ? [endedMessage(channelKey(channel), undefined)] : [];
  const version = Number(channel.metadata.resourceVersion);
  const id = (part: number): string => (Number.isSafeInteger(version) ? idOf({ version, part }) : UNKNOWN_ID);
  const news = modeNewsSince(
    known === undefined ? undefined : { mode: known.mode, agoraFrom: known.agoraFrom },
    channel,
    now,
  );
  const mode: ChannelMessageData[] =
    news === undefined
      ? []
      : [
          {
            type: 'mode',
            id: id(parts.mode),
            namespace,
            channelId,
            ...news,
            message: oneLine(news.message, 1_024),
          },
        ];
  const hasStatus = known === undefined || shown.some((member) => known[member] !== state[member]);
  const status: ChannelMessageData[] = hasStatus
    ? [{ type: 'status', id: id(parts.status), namespace, channel: channelView(channel, numbers) }]
    : [];
  return [...ended, ...mode, ...status];
}

/** The members of which a change is a `status`. The decision of a mode is announced by itself. */
const shown = ['status', 'reason', 'url', 'mode'] as const;

/** `version`: the resource version of the deletion; undefined: it was not observed. */
export function endedMessage(
  { namespace, channelId }: ChannelKey,
  version: number | undefined,
): ChannelMessageData<'ended'> {
  const id = version === undefined ? UNKNOWN_ID : idOf({ version, part: parts.ended });
  return { type: 'ended', id, namespace, channelId };
}

function readyReason({ status }: LiveChannel): { readonly reason?: string } {
  const ready = findCondition(status?.conditions, 'Ready');
  return ready === undefined ? {} : { reason: ready.reason };
}
