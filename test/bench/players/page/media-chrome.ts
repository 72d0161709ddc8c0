import 'media-chrome';
import 'media-chrome/menu';
import 'hls-video-element';
import { playerRoot, streamAddress } from './place.ts';

/** The controls for live streams of its documentation. */
playerRoot().innerHTML = `
  <media-controller defaultstreamtype="live" style="width:100%;height:100%">
    <hls-video slot="media" src="${streamAddress()}" muted autoplay playsinline></hls-video>
    <media-loading-indicator slot="centered-chrome"></media-loading-indicator>
    <media-rendition-menu hidden anchor="auto"></media-rendition-menu>
    <media-control-bar>
      <media-play-button></media-play-button>
      <media-live-button></media-live-button>
      <media-mute-button></media-mute-button>
      <media-volume-range></media-volume-range>
      <media-captions-button></media-captions-button>
      <media-rendition-menu-button></media-rendition-menu-button>
      <media-airplay-button></media-airplay-button>
      <media-pip-button></media-pip-button>
      <media-fullscreen-button></media-fullscreen-button>
    </media-control-bar>
  </media-controller>`;
