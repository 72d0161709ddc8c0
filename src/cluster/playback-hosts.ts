import type { StreamingPlatformSpec } from '../api/streaming-platform.ts';

/** Bounds memory; a platform serves playback from a few hosts. The oldest is forgotten, and noted again when it is used. */
const MAX_HOSTS = 64;

/**
 * The hosts at which one platform serves playback, as the platform itself said when it created or opened a stream, or as its
 * StreamingPlatform configures them. They may be private: an origin inside the cluster is. What a channel's objects say does
 * not count, because a tenant may edit them.
 */
export class PlaybackHosts {
  readonly #hosts = new Set<string>();

  /** Notes the playback URL of a stream that the platform returned. */
  note(playbackUrl: string): void {
    if (!URL.canParse(playbackUrl)) return;
    const { host } = new URL(playbackUrl);
    this.#hosts.delete(host);
    this.#hosts.add(host);
    const [oldest] = this.#hosts;
    if (this.#hosts.size > MAX_HOSTS && oldest !== undefined) this.#hosts.delete(oldest);
  }

  has(url: URL): boolean {
    return this.#hosts.has(url.host);
  }
}

/** Whether the StreamingPlatform itself names the host, on any port: that of an origin, or of a custom playback domain. */
export function isConfiguredHost({ origin, mux }: StreamingPlatformSpec, url: URL): boolean {
  return [origin?.controlUrl, mux?.playbackUrl].some(
    (known) => known !== undefined && URL.canParse(known) && new URL(known).hostname === url.hostname,
  );
}
