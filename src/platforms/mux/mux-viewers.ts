import { request, type Agent } from 'undici';
import { readJson } from '../../base/http/read-body.ts';
import type { TokenBucket } from '../rate-limit.ts';
import { viewerCountsSchema } from './mux-answers.ts';
import type { MuxSigner } from './mux-signer.ts';

export interface MuxViewersOptions {
  readonly signer: MuxSigner;
  /** Default: https://stats.mux.com */
  readonly statsUrl: string | undefined;
  readonly agent: Agent;
  readonly bucket: TokenBucket;
  readonly now: () => Date;
  /** Time limit of a call. Default: 5 s. */
  readonly timeoutMs?: number;
}

const MAX_ANSWER_BYTES = 64 * 1024;
/** Validity of the token of one request. */
const TOKEN_SECONDS = 300;

/**
 * Number of viewers of a live stream, counted by the players that report to Mux Data. One call per stream, each with its
 * own token: https://www.mux.com/docs/guides/see-how-many-people-are-watching
 */
export class MuxViewers {
  readonly #options: MuxViewersOptions;

  constructor(options: MuxViewersOptions) {
    this.#options = options;
  }

  /** The number of viewers; undefined after any failure, because no caller should fail for lack of a count. */
  async of(liveStreamId: string, signal: AbortSignal): Promise<number | undefined> {
    const { signer, statsUrl, agent, bucket, now, timeoutMs = 5_000 } = this.#options;
    try {
      await bucket.take(signal);
      const expiresAt = new Date(now().getTime() + TOKEN_SECONDS * 1_000);
      const token = await signer.sign(liveStreamId, 'live_stream_id', expiresAt);
      const base = (statsUrl ?? 'https://stats.mux.com').replace(/\/+$/, '');
      const answer = await request(`${base}/counts?token=${token}`, {
        dispatcher: agent,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      if (answer.statusCode === 429) bucket.hold(1_000);
      const counts = viewerCountsSchema.safeParse(await readJson(answer.body, MAX_ANSWER_BYTES));
      return answer.statusCode === 200 ? counts.data?.data[0]?.viewers : undefined;
    } catch {
      return undefined;
    }
  }
}
