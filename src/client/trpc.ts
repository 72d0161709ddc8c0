/** Parts for an app's own tRPC v11 router. Nothing of @trpc/server is imported at run time: the app passes its own. */
export { createLiveChannelRouter, type LiveChannelRouterOptions } from './trpc/live-channel-router.ts';
export { createChannelEvents, type ChannelEventsOptions } from './trpc/channel-events.ts';
export type { Authorize, ChannelScope } from './trpc/authorize.ts';
