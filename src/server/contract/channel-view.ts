// Shared with the webhooks of the operator, which does not import the service.
export { channelViewSchema, type ChannelView } from '../../api/channel-view.ts';
