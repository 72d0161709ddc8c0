import { createRoot } from 'react-dom/client';
import { LiveChannelHLS } from '../../../../src/web/player/public.ts';
import '../../../../src/web/player/player.css';
import { playerRoot, streamAddress } from './place.ts';

createRoot(playerRoot()).render(<LiveChannelHLS src={streamAddress()} />);
