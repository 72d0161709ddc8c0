import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { UserError } from '../base/errors.ts';
import type { OriginStreamSpec } from '../api/origin-contract.ts';
import { originStreamIdSchema } from '../api/origin-contract.ts';
import type { SecretText } from '../base/secret-text.ts';
import { errorCode } from '../base/error-text.ts';
import { derivePlaybackId, deriveStreamKey, keyFingerprint } from './keys.ts';
import type { PlaybackId } from './keys.ts';
import { serial } from '../base/serial.ts';
import { accessSchema } from '../api/values.ts';

const recordSchema = z.object({
  keyVersion: z.int().min(1),
  tags: z.record(z.string(), z.string()),
  /** Streams that were stored before this field existed are public. */
  access: accessSchema.default('public'),
  createdAt: z.iso.datetime(),
});
const stateSchema = z.object({ streams: z.record(originStreamIdSchema, recordSchema) });

/** A stream that may be published to. */
export interface RegisteredStream extends z.infer<typeof recordSchema> {
  readonly id: string;
  readonly playbackId: PlaybackId;
  readonly streamKey: SecretText;
}

/**
 * The streams that may be published to. Stored in a file, so that they survive a restart of the process. The file
 * contains no keys, because keys are derived (keys.ts).
 */
export class StreamRegistry {
  readonly #file: string;
  readonly #master: SecretText;
  readonly #streams = new Map<string, RegisteredStream>();
  readonly #idsByKey = new Map<string, string>();
  readonly #playbackIds = new Set<string>();
  readonly #inTurn = serial();

  private constructor(file: string, master: SecretText) {
    this.#file = file;
    this.#master = master;
  }

  static async open(file: string, master: SecretText): Promise<StreamRegistry> {
    const registry = new StreamRegistry(file, master);
    await mkdir(dirname(file), { recursive: true });
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return '{"streams":{}}';
      throw error;
    });
    for (const [id, record] of Object.entries(parseState(file, text).streams)) registry.#set(id, record);
    return registry;
  }

  get size(): number {
    return this.#streams.size;
  }

  get(id: string): RegisteredStream | undefined {
    return this.#streams.get(id);
  }

  list(): RegisteredStream[] {
    return [...this.#streams.values()];
  }

  findByKey(key: string): RegisteredStream | undefined {
    const id = this.#idsByKey.get(keyFingerprint(key));
    return id === undefined ? undefined : this.#streams.get(id);
  }

  /** Whether a stream has this playback ID. */
  hasPlayback(playbackId: string): boolean {
    return this.#playbackIds.has(playbackId);
  }

  /** Adds or replaces a stream. Resolves once it is on disk, so that a stream that was confirmed is never lost. */
  async put(id: string, spec: OriginStreamSpec, now: Date): Promise<RegisteredStream> {
    const createdAt = this.#streams.get(id)?.createdAt ?? now.toISOString();
    const stream = this.#set(id, { ...spec, createdAt });
    await this.#save();
    return stream;
  }

  async delete(id: string): Promise<void> {
    this.#unset(id);
    await this.#save();
  }

  #set(id: string, record: z.infer<typeof recordSchema>): RegisteredStream {
    this.#unset(id);
    const streamKey = deriveStreamKey(this.#master, id, record.keyVersion);
    const stream = { ...record, id, streamKey, playbackId: derivePlaybackId(this.#master, id) };
    this.#streams.set(id, stream);
    this.#playbackIds.add(stream.playbackId);
    this.#idsByKey.set(keyFingerprint(streamKey.reveal()), id);
    return stream;
  }

  #unset(id: string): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    this.#streams.delete(id);
    this.#playbackIds.delete(stream.playbackId);
    this.#idsByKey.delete(keyFingerprint(stream.streamKey.reveal()));
  }

  #save(): Promise<void> {
    return this.#inTurn(async () => {
      const streams = Object.fromEntries(
        this.list().map(({ id, keyVersion, tags, access, createdAt }) => [
          id,
          { keyVersion, tags, access, createdAt },
        ]),
      );
      const file = await open(`${this.#file}.new`, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify({ streams }));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${this.#file}.new`, this.#file);
    });
  }
}

function parseState(file: string, text: string): z.infer<typeof stateSchema> {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError(
      `${file} is not a state file of this origin. Delete it; the operator creates the streams again.`,
      { cause },
    );
  }
}
