/** The buyer's page: plays the channel of ?channel=ID, and follows what happens to it. */
import Hls from '/hls.js';

const RETRY_MS = 2_000;

const channelId = new URLSearchParams(location.search).get('channel') ?? '4711';
const input = encodeURIComponent(JSON.stringify({ channelId }));
const video = document.querySelector('video');
const state = document.querySelector('#state');

// This sample has no login; an app has its own cookie.
document.cookie = 'user=buyer-1; SameSite=Strict';

let hls;
let timer;

function stop() {
  clearTimeout(timer);
  hls?.destroy();
  hls = undefined;
  video.removeAttribute('src');
}

/** Requests the address each time: it may be signed, and it changes when the channel migrates. */
async function play() {
  stop();
  const response = await fetch(`/trpc/streaming.getPlaybackUrl?input=${input}`);
  const { result, error } = await response.json();
  if (error !== undefined) throw new Error(error.message);
  const { hlsUrl, latency } = result.data;
  state.textContent = `Live, about ${latency} s behind`;
  if (!Hls.isSupported()) {
    video.src = hlsUrl; // iPhone: Safari plays HLS by itself
    return;
  }
  hls = new Hls();
  // The address exists before the first segment does.
  hls.on(Hls.Events.ERROR, (_, { fatal }) => fatal && retry());
  hls.loadSource(hlsUrl);
  hls.attachMedia(video);
}

function retry() {
  clearTimeout(timer);
  timer = setTimeout(() => play().catch(fail), RETRY_MS);
}

function fail(error) {
  state.textContent = error.message;
  retry();
}

video.addEventListener('error', retry);

/** What is played now: the address of the stream, without a signature. */
let playing;

function follow({ type, channel, mode }) {
  if (type === 'ended') {
    stop();
    state.textContent = 'The show has ended.';
  } else if (type === 'mode' && mode === 'agora-only') {
    stop();
    state.textContent = 'This show continues on Agora.';
    playing = undefined;
  } else if (channel !== undefined) {
    const onHls = channel.relay.status === 'active' && channel.effectiveStreamMode !== 'agora-only';
    const next = onHls ? channel.playbackUrl : null;
    if (next === playing) return;
    playing = next;
    if (next !== null) play().catch(fail);
    else state.textContent = 'This show is not on HLS now.';
  }
}

// The browser reconnects by itself, and the events continue after the last one.
const events = new EventSource(`/trpc/events?input=${input}`);
events.addEventListener('message', ({ data }) => follow(JSON.parse(data)));
