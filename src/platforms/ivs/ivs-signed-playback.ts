import { PlatformError } from '../errors.ts';
import type { PlaybackGrant, SignableStream } from '../platform.ts';
import { listKeyPairsSchema, nothingSchema } from './ivs-answers.ts';
import type { IvsApi } from './ivs-api.ts';
import { whenRefused } from './ivs-errors.ts';
import { allPages } from './pages.ts';
import type { PlaybackKey } from './playback-key.ts';

const TIMEOUT_MS = 30_000;

/** Playback tokens, signed with a key whose public half IVS has. */
export class IvsSignedPlayback {
  readonly #api: IvsApi;
  readonly #key: PlaybackKey;
  readonly #tags: Readonly<Record<string, string>>;
  #imported: Promise<void> | undefined;

  constructor(api: IvsApi, key: PlaybackKey, tags: Readonly<Record<string, string>>) {
    this.#api = api;
    this.#key = key;
    this.#tags = tags;
  }

  async sign(stream: SignableStream, grant: PlaybackGrant, now: Date): Promise<string> {
    await this.ensureImported();
    return this.#key.sign(stream, grant, now);
  }

  /**
   * Gives IVS the public key where it does not have it: once in the life of a driver, and once for all who ask at the
   * same time, which is why nobody's signal ends it.
   */
  ensureImported(): Promise<void> {
    this.#imported ??= this.#importIfMissing(AbortSignal.timeout(TIMEOUT_MS)).catch((error: unknown) => {
      this.#imported = undefined;
      throw error;
    });
    return this.#imported;
  }

  async #importIfMissing(signal: AbortSignal): Promise<void> {
    const pages = await allPages((next) =>
      this.#api.call('ListPlaybackKeyPairs', listKeyPairsSchema, signal, (ivs, options) =>
        ivs.listPlaybackKeyPairs({ ...next }, options),
      ),
    );
    const there = pages.some(({ keyPairs }) => keyPairs.some(({ name }) => name === this.#key.name));
    if (!there) await this.#import(signal);
  }

  async #import(signal: AbortSignal): Promise<void> {
    const { name, publicKey: publicKeyMaterial } = this.#key;
    const tags = { ...this.#tags };
    const full = await this.#api
      .call('ImportPlaybackKeyPair', nothingSchema, signal, (ivs, options) =>
        ivs.importPlaybackKeyPair({ name, publicKeyMaterial, tags }, options),
      )
      // Somebody imported the same key, under another name or a moment ago: it serves.
      .catch(whenRefused(['ConflictException'], undefined))
      .catch(whenRefused(['ServiceQuotaExceededException'], 'full'));
    if (full !== 'full') return;
    throw new PlatformError(
      'QuotaExceeded',
      'Amazon IVS holds as many playback key pairs as it lets the account have, and not that of playbackPrivateKey. ' +
        'Delete one that is not needed, or use the private key of one that is there.',
      { retryable: true },
    );
  }
}
