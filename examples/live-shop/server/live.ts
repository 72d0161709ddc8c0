import { createLiveChannelClient } from '@livechannel/client';
import { serviceSettings } from '../settings.ts';

/** The service, for the whole back end. The key stays here: no page ever gets it. */
export const live = createLiveChannelClient(serviceSettings(process.env));
