import { join } from 'node:path';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import type { Clock } from '../../base/clock.ts';
import { requiredCredential } from '../../platforms/credentials.ts';
import { PlatformError } from '../../platforms/errors.ts';
import { PlaybackKey } from '../../platforms/ivs/playback-key.ts';
import type { PlaybackGrant, SignableStream } from '../../platforms/platform.ts';
import { RateLimits } from '../../platforms/rate-limit.ts';
import { openPlatform } from '../../platforms/registry.ts';
import { ApiProblem } from '../problems.ts';
import { mountedFiles } from './mounted-files.ts';
import { sha256Hex } from '../../base/digest.ts';

/** A mounted Secret that changed is read by then. */
const READ_AGAIN_MS = 30_000;
/** What signing does without: the service is not given what can change the account. */
const notForSigning: ReadonlyMap<string, string> = new Map(
  ['apiToken', 'tokenId', 'tokenSecret'].map((key) => [key, 'this-service-only-signs']),
);

interface Opened {
  /** Platform and keys, as they were then. */
  readonly version: string;
  readonly sign: (stream: SignableStream, grant: PlaybackGrant) => Promise<string>;
}

/**
 * Signs playback addresses with the keys that are mounted at FOLDER/PLATFORM, under the names of the platform's Secret:
 *
 *   ivs         playbackPrivateKey            (the operator has imported its public half)
 *   cloudflare  signingKeyId, signingKeyPem
 *   mux         signingKeyId, signingPrivateKey
 *   origin      token, ca.crt                 (the origin itself signs, when it is asked with its token)
 *
 * Nothing is read from the API server, and no platform but the origin is called.
 */
export class PlaybackSigners {
  readonly #folder: string | undefined;
  readonly #platform: (name: string) => StreamingPlatform | undefined;
  readonly #clock: Clock;
  readonly #rateLimits: RateLimits;
  readonly #opened = new Map<string, { readonly until: number; readonly opened: Promise<Opened> }>();

  constructor(
    folder: string | undefined,
    platform: (name: string) => StreamingPlatform | undefined,
    clock: Clock,
  ) {
    this.#folder = folder;
    this.#platform = platform;
    this.#clock = clock;
    this.#rateLimits = new RateLimits(clock);
  }

  /** @throws Problem cannot-sign: no key is mounted, or the platform cannot. */
  async sign(platform: string, stream: SignableStream, grant: PlaybackGrant): Promise<string> {
    try {
      const { sign } = await this.#signer(platform);
      return await sign(stream, grant);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      // Its message names the file that is missing, never what is in one.
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
    this.#opened.set(name, { until: now + READ_AGAIN_MS, opened });
    opened.catch(() => this.#opened.delete(name)); // the caller is told; the next one tries again
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
    const version = `${uid}/${String(generation)}/${contents}`;
    const known = await before;
    if (known?.version === version) return known;
    if (spec.provider === 'ivs') {
      const key = new PlaybackKey(requiredCredential(spec, files, 'playbackPrivateKey'));
      return { version, sign: (stream, grant) => key.sign(stream, grant, this.#clock.now()) };
    }
    const driver = openPlatform(spec, new Map([...notForSigning, ...files]), {
      clusterId: 'signs-only',
      platform: name,
      clock: this.#clock,
      rateLimits: this.#rateLimits,
    });
    return { version, sign: (stream, grant) => driver.signPlayback(stream, grant) };
  }
}
