import { LONGEST_PLAYLIST, readPlaylist } from './playlist-text.ts';
import type { ProbeResult } from './supervision.ts';

/** For both requests together; shorter than the time that the supervisor waits. */
const TIMEOUT_MS = 8_000;

type Fetch = typeof globalThis.fetch;

/**
 * Requests a playlist, and of a multivariant playlist the first variant. An engine that loads a stream resets the video
 * element, so that what is there is found out before.
 */
export async function probe(
  url: string,
  signal: AbortSignal,
  fetch: Fetch = globalThis.fetch.bind(globalThis),
): Promise<ProbeResult> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    return await follow(url, fetch, limited, true);
  } catch {
    // No answer in time, a network error, or CORS: the browser does not say which.
    return 'unreachable';
  }
}

async function follow(
  url: string,
  fetch: Fetch,
  signal: AbortSignal,
  mayFollow: boolean,
): Promise<ProbeResult> {
  const response = await fetch(url, { signal, cache: 'no-store', credentials: 'omit' });
  const refusal = refusalOf(response.status);
  if (refusal !== undefined) {
    await response.body?.cancel();
    return refusal;
  }
  const playlist = readPlaylist(await boundedText(response));
  if (playlist === undefined) return 'failing';
  if (playlist.kind === 'media') {
    if (playlist.ended) return 'ended';
    return playlist.segments > 0 ? 'live' : 'missing';
  }
  if (!mayFollow) return 'failing';
  return follow(new URL(playlist.firstVariant, response.url || url).href, fetch, signal, false);
}

function refusalOf(status: number): ProbeResult | undefined {
  if (status === 401 || status === 403 || status === 410) return 'refused';
  if (status === 404 || status === 204) return 'missing';
  return status === 200 ? undefined : 'failing';
}

async function boundedText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
    if (text.length > LONGEST_PLAYLIST) {
      await reader.cancel();
      return '';
    }
  }
}
