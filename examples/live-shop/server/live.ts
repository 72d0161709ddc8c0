import { createLiveChannelClient, problemOf } from '@livechannel/client';
import { serviceSettings } from '../settings.ts';

const { url, token, publicUrl } = serviceSettings(process.env);

/** The service, for the whole back end. The key stays here: no page ever gets it. */
export const live = createLiveChannelClient({ url, token });

/** Where pages reach the service, with tickets. */
export const serviceUrl = publicUrl;

/** Creates the channel, off air, unless it exists. The service signs Agora tokens for existing channels only. */
export async function ensureChannel(channelId: string): Promise<void> {
  try {
    await live.channels.create.mutate({ id: channelId, onAir: false });
  } catch (error) {
    if (problemOf(error)?.code !== 'channel-exists') throw error;
  }
}
