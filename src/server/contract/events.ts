// Shared with the webhooks of the operator, which does not import the service.
export {
  serverEventSchema,
  type ChannelEvent,
  type ChannelStateEvent,
  type NumbersEvent,
  type ServerEvent,
} from '../../api/server-events.ts';
