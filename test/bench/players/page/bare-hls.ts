import Hls from 'hls.js/light';
import { playerRoot, streamAddress } from './place.ts';

const video = document.createElement('video');
Object.assign(video, { muted: true, autoplay: true, playsInline: true, controls: true });
playerRoot().append(video);
const hls = new Hls();
hls.loadSource(streamAddress());
hls.attachMedia(video);
