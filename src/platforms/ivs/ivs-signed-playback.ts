import { PlatformError } from '../errors.ts';
import type { PlaybackGrant, SignableStream } from '../platform.ts';
import { listKeyPairsSchema, nothingSchema } from './ivs-answers.ts';
import type { IvsApi } from './ivs-api.ts';
import { whenRefused } from './ivs-errors.ts';
import { allPages } from './pages.ts';
import type { PlaybackKey } from './playback-key.ts';

/** Time limit of the import, which no caller's signal ends. */
const IMPORT_TIMEOUT_MS = 30_000;

/** Signs playback URLs with a private key, and imports its public key to IVS. */
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

  /** Returns a signed playback URL, after the public key has been imported. */
  async sign(stream: SignableStream, grant: PlaybackGrant, now: Date): Promise<string> {
    await this.ensureImported();
    return this.#key.sign(stream, grant, now);
  }

  /**
   * Imports the public key to IVS if it is missing. Runs once per driver, and concurrent callers share one run; therefore
   * it does not depend on the signal of any caller. After a failure the next call tries again.
   */
  ensureImported(): Promise<void> {
    this.#imported ??= this.#importIfMissing(AbortSignal.timeout(IMPORT_TIMEOUT_MS)).catch(
      (error: unknown) => {
        this.#imported = undefined;
        throw error;
      },
    );
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
      // The same key was imported before under another name, or just now by another client. IVS accepts its tokens.
      .catch(whenRefused(['ConflictException'], undefined))
      .catch(whenRefused(['ServiceQuotaExceededException'], 'full'));
    if (full !== 'full') return;
    throw new PlatformError(
      'QuotaExceeded',
      'The account has reached its quota of playback key pairs at Amazon IVS, and the key of playbackPrivateKey is not among them. ' +
        'Delete a key pair that is not needed, or use the private key of an existing one.',
      { retryable: true },
    );
  }
}
