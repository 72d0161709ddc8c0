/* global document */
// Not TypeScript: the types of vidstack change those of every video element.
import 'vidstack/player';
import 'vidstack/player/layouts/default';
import 'vidstack/player/ui';
import 'vidstack/player/styles/default/theme.css';
import 'vidstack/player/styles/default/layouts/video.css';
import Hls from 'hls.js';
import { isHLSProvider } from 'vidstack';
import { playerRoot, streamAddress } from './place.ts';

const player = document.createElement('media-player');
player.addEventListener('provider-change', ({ detail: provider }) => {
  // It loads hls.js from a content delivery network otherwise.
  if (isHLSProvider(provider)) provider.library = Hls;
});
Object.assign(player, { muted: true, autoPlay: true, playsInline: true, streamType: 'live', load: 'eager' });
player.append(document.createElement('media-provider'), document.createElement('media-video-layout'));
playerRoot().append(player);
player.src = { src: streamAddress(), type: 'application/vnd.apple.mpegurl' };
