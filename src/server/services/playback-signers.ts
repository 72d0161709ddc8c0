import { join } from 'node:path';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import type { Clock } from '../../base/clock.ts';
import { PlatformError } from '../../platforms/errors.ts';
import type { PlaybackGrant, PlaybackSigning, SignableStream } from '../../platforms/platform.ts';
import { openSigner } from '../../platforms/registry.ts';
import { ApiProblem } from '../problems.ts';
import { mountedFiles } from './mounted-files.ts';
import { sha256Hex } from '../../base/digest.ts';

/** Interval at which the mounted Secrets are read again. */
const REREAD_INTERVAL_MS = 30_000;

interface Opened {
  /** Identifies the platform's spec and the keys with which the signer was opened. */
  readonly version: string;
  readonly signer: PlaybackSigning;
}

/**
 * Signs playback URLs with the keys that are mounted at FOLDER/PLATFORM, under the names of the platform's Secret
 * (platforms/signing-keys.ts). Nothing is read from the API server, and only the origin is called.
 */
export class PlaybackSigners {
  readonly #folder: string | undefined;
  readonly #platform: (name: string) => StreamingPlatform | undefined;
  readonly #clock: Clock;
  readonly #opened = new Map<string, { readonly until: number; readonly opened: Promise<Opened> }>();

  constructor(
    folder: string | undefined,
    platform: (name: string) => StreamingPlatform | undefined,
    clock: Clock,
  ) {
    this.#folder = folder;
    this.#platform = platform;
    this.#clock = clock;
  }

  /** Returns the signed URL. @throws ApiProblem cannot-sign: no key is mounted, or the platform does not support it. */
  async sign(platform: string, stream: SignableStream, grant: PlaybackGrant): Promise<string> {
    try {
      const { signer } = await this.#signer(platform);
      return await signer.signPlayback(stream, grant);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      // The message names the missing file, never the content of a file.
      throw new ApiProblem('cannot-sign', `${platform}: ${error.message}`, { cause: error });
    }
  }

  #signer(name: string): Promise<Opened> {
    const resource = this.#platform(name);
    if (resource === undefined || this.#folder === undefined)
      throw new ApiProblem(
        'cannot-sign',
        resource === undefined
          ? `StreamingPlatform ${name} no longer exists.`
          : 'No signing keys are mounted into the service (LIVECHANNEL_API_PLAYBACK_KEYS_DIR).',
      );
    const now = this.#clock.monotonic();
    const known = this.#opened.get(name);
    if (known !== undefined && known.until > now) return known.opened;
    const opened = this.#open(resource, join(this.#folder, name), known?.opened);
    this.#opened.set(name, { until: now + REREAD_INTERVAL_MS, opened });
    opened.catch(() => this.#opened.delete(name)); // the caller gets the error; the next call retries
    return opened;
  }

  async #open(
    { metadata, spec }: StreamingPlatform,
    folder: string,
    before: Promise<Opened> | undefined,
  ): Promise<Opened> {
    const { name, uid, generation = 0 } = metadata;
    const files = await mountedFiles(folder);
    if (files === undefined)
      throw new ApiProblem(
        'cannot-sign',
        `No signing keys of ${name} are mounted into the service (${folder}).`,
      );
    const contents = sha256Hex(JSON.stringify([...files]));
    const version = `${uid}/${generation}/${contents}`;
    const known = await before;
    if (known?.version === version) return known;
    return { version, signer: openSigner(spec, files, this.#clock) };
  }
}
