// The player of /watch/<playback id>: plays the stream, waits while it is off air, and shows the latency. A signed
// stream has the page address /watch/<playback id>?token=<what follows /signed/ in its playback address>.
const video = document.getElementById('video');
const status = document.getElementById('status');
const playbackId = location.pathname.split('/').pop();
const token = new URLSearchParams(location.search).get('token');
const folder = token === null ? '/hls' : `/signed/${encodeURIComponent(token)}`;
// Distinguishes this page from others behind the same address when viewers are counted.
const playlist = `${folder}/${playbackId}/index.m3u8?viewer=${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
const REFUSALS = {
  403: 'This stream can be played only at an address that was signed for you.',
  410: 'This address has expired. Request a new one from the site that you got it from.',
};
const RETRY_MS = 2000;
const STALLED_MS = 8000;

/**
 * hls.js seeks back to the live position when the playhead is past the end of the playlist, if only by a millisecond: after
 * the last segment of a stream, its last seconds would be shown again and again. There is no live position then.
 */
const Hls =
  window.Hls &&
  class extends window.Hls {
    get liveSyncPosition() {
      const ahead = video.currentTime - (this.latestLevelDetails?.edge ?? Infinity);
      return ahead > 0 ? null : super.liveSyncPosition;
    }
  };

function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

/** The playlist whose last segment has been shown, after which nothing came. */
let played;

/** Resolves true once the stream can be played, false if it will never be playable. */
async function waitUntilOnAir() {
  for (;;) {
    const answer = await fetch(playlist, { cache: 'no-store' }).catch(() => undefined);
    if (answer !== undefined && REFUSALS[answer.status] !== undefined) {
      say(REFUSALS[answer.status]);
      return false;
    }
    const text = answer?.ok ? await answer.text() : '#EXT-X-ENDLIST';
    if (!text.includes('#EXT-X-ENDLIST') && text !== played) return true;
    say(
      answer === undefined
        ? 'The server is not responding. Trying again…'
        : 'Off air. Waiting for the stream…',
    );
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Plays until the stream ends or cannot be recovered. */
function play() {
  return new Promise((resolve) => {
    const hls = new Hls({
      liveSyncDurationCount: 2,
      liveMaxLatencyDurationCount: 5,
      maxLiveSyncPlaybackRate: 1.1,
      backBufferLength: 30,
    });
    const finish = () => {
      clearInterval(timer);
      played = hls.latestLevelDetails?.m3u8;
      // Before the video is empty.
      say('Connecting to the stream…');
      hls.destroy();
      resolve();
    };
    let lastTime = -1;
    let movedAt = performance.now();
    const timer = setInterval(() => {
      if (video.paused || video.currentTime !== lastTime) {
        lastTime = video.currentTime;
        movedAt = performance.now();
      }
      // hls.js may wait indefinitely after a jump of the playlist, such as a restart of the origin causes.
      if (performance.now() - movedAt > STALLED_MS) return finish();
      const playing = hls.playingDate;
      if (playing && !video.paused)
        say(`Live, ${((Date.now() - playing.getTime()) / 1000).toFixed(1)} s behind`);
    }, 500);
    let mediaErrorAt = -Infinity;
    hls.on(Hls.Events.ERROR, (_event, data) => {
      if (!data.fatal) return;
      const recoverable = data.type === Hls.ErrorTypes.MEDIA_ERROR && performance.now() - mediaErrorAt > 5000;
      if (!recoverable) return finish();
      mediaErrorAt = performance.now();
      hls.recoverMediaError();
    });
    video.addEventListener('ended', finish, { once: true });
    hls.on(Hls.Events.MANIFEST_PARSED, () => void video.play().catch(() => say('Press play')));
    hls.loadSource(playlist);
    hls.attachMedia(video);
  });
}

if (Hls?.isSupported()) {
  while (await waitUntilOnAir()) await play();
} else if (video.canPlayType('application/vnd.apple.mpegurl')) {
  if (await waitUntilOnAir()) {
    say('Live');
    video.src = playlist;
  }
} else {
  say('This browser cannot play HLS.');
}
