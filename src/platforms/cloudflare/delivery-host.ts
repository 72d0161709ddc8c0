import { request, type Dispatcher } from 'undici';
import type { z } from 'zod';
import { readText } from '../../base/http/read-body.ts';
import { lifecycleSchema, viewsSchema } from './cloudflare-answers.ts';
import { deliveryBase } from './playback-address.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

export interface DeliveryHostOptions {
  readonly dispatcher: Dispatcher;
  readonly timeoutMs: number;
}

/**
 * Reads the state of an input from the delivery host, identified by the input's HLS URL. These requests do not count
 * against the API's rate limit. Returns undefined after any failure, because every caller has another source or does
 * without.
 */
export class DeliveryHost {
  readonly #options: DeliveryHostOptions;

  constructor(options: DeliveryHostOptions) {
    this.#options = options;
  }

  /** Whether the input is on air, and the uid of its current video. */
  lifecycle(hls: string, signal: AbortSignal): Promise<z.infer<typeof lifecycleSchema> | undefined> {
    return this.#read(hls, 'lifecycle', lifecycleSchema, signal);
  }

  /** Current number of viewers. */
  async viewers(hls: string, signal: AbortSignal): Promise<number | undefined> {
    return (await this.#read(hls, 'views', viewsSchema, signal))?.liveViewers;
  }

  async #read<T>(
    hls: string,
    what: string,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const base = deliveryBase(hls);
    if (base === undefined) return undefined;
    const { dispatcher, timeoutMs } = this.#options;
    try {
      const { statusCode, body } = await request(`${base}/${what}`, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        dispatcher,
      });
      const text = await readText(body, MAX_ANSWER_BYTES);
      return statusCode === 200 ? schema.safeParse(JSON.parse(text)).data : undefined;
    } catch {
      return undefined; // connection closed, timeout, or no JSON
    }
  }
}
