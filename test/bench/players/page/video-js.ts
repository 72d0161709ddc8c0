import 'video.js/dist/video-js.css';
import videojs from 'video.js';
import { playerRoot, streamAddress } from './place.ts';

const video = document.createElement('video');
video.className = 'video-js';
Object.assign(video, { muted: true, autoplay: true, playsInline: true, controls: true });
playerRoot().append(video);
videojs(video, {
  fill: true,
  liveui: true,
  sources: [{ src: streamAddress(), type: 'application/x-mpegURL' }],
});
