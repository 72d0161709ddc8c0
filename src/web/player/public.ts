/** What the package @livechannel/react exports. Languages other than English are subpaths, so that no app pays for them. */
import { createLiveChannelHLS, type LiveChannelHLSProps } from './live-channel-hls.tsx';
import { prepareEngine } from './engines/open-engine.ts';
import { openPlayer } from './open-player.ts';

/** A live show on HLS. */
export const LiveChannelHLS = createLiveChannelHLS(openPlayer, prepareEngine);
export type { LiveChannelHLSProps };
export type { TicketSource } from './core/open-player.ts';
export { playerStates, type PlayerState } from './core/snapshot.ts';
export { en } from './text/en.ts';
export type { Texts } from './text/texts.ts';
