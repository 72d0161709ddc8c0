import { createRoot } from 'react-dom/client';
import { LiveChannelHLS } from '../../../../src/web/player/public.ts';
import '../../../../src/web/player/player.css';
import { playerRoot } from './place.ts';

createRoot(playerRoot()).render(
  <LiveChannelHLS
    channelId="show"
    api={location.origin}
    ticket={() => Promise.resolve('ticket')}
    title="Soak"
  />,
);
