import { Agent, request } from 'undici';
import { z } from 'zod';
import {
  originErrorSchema,
  originGrantedPlaybackSchema,
  originStreamListSchema,
  originStreamWithKeySchema,
  type OriginPlaybackGrant,
  type OriginStream,
  type OriginStreamSpec,
  type OriginStreamWithKey,
} from '../../api/origin-contract.ts';
import { readText } from '../../base/http/read-body.ts';
import type { SecretText } from '../../base/secret-text.ts';
import { PlatformError } from '../errors.ts';
import { answerError, noAnswerError, notAnOriginError } from './origin-errors.ts';
import { parseJson } from '../../base/parse-json.ts';

export interface OriginClientOptions {
  readonly controlUrl: string;
  readonly token: SecretText;
  /** PEM that verifies the control service's certificate if the system's CAs do not. */
  readonly certificateAuthority: string | undefined;
  readonly timeoutMs?: number;
}

/** A list of 100,000 streams, the most that limits.maxStreams allows, has some 60 MB. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

/** Client of the origin's control API (src/api/origin-contract.ts). Validates all answers. Throws PlatformErrors. */
export class OriginClient {
  readonly #options: OriginClientOptions;
  readonly #agent: Agent;

  constructor(options: OriginClientOptions) {
    this.#options = options;
    const { certificateAuthority } = options;
    this.#agent = new Agent({
      connections: 8,
      connect: {
        timeout: 5_000,
        ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
      },
    });
  }

  /** Creates or updates a stream. Idempotent. */
  put(id: string, spec: OriginStreamSpec, signal: AbortSignal): Promise<OriginStreamWithKey> {
    return this.#call('PUT', `/v1/streams/${id}`, originStreamWithKeySchema, signal, JSON.stringify(spec));
  }

  /** Undefined if the stream does not exist. */
  get(id: string, signal: AbortSignal): Promise<OriginStreamWithKey | undefined> {
    return this.#call('GET', `/v1/streams/${id}`, originStreamWithKeySchema, signal).catch(unlessUnknown);
  }

  /** Returns a URL at which the stream can be watched until the grant expires. */
  async grantPlayback(id: string, grant: OriginPlaybackGrant): Promise<string> {
    const { playbackUrl } = await this.#call(
      'POST',
      `/v1/streams/${id}/playback-grants`,
      originGrantedPlaybackSchema,
      new AbortController().signal,
      JSON.stringify(grant),
    );
    return playbackUrl;
  }

  /** Deletes a stream. Succeeds if it does not exist. */
  async delete(id: string, signal: AbortSignal): Promise<void> {
    await this.#call('DELETE', `/v1/streams/${id}`, z.undefined(), signal).catch(unlessUnknown);
  }

  async list(signal: AbortSignal): Promise<readonly OriginStream[]> {
    return (await this.#call('GET', '/v1/streams', originStreamListSchema, signal)).streams;
  }

  async #call<T>(
    method: Method,
    path: string,
    schema: z.ZodType<T>,
    signal: AbortSignal,
    body?: string,
  ): Promise<T> {
    const { controlUrl, token, timeoutMs = 10_000 } = this.#options;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    let status: number;
    let text: string;
    try {
      const answer = await request(controlUrl.replace(/\/+$/, '') + path, {
        method,
        headers: {
          authorization: `Bearer ${token.reveal()}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body ?? null,
        signal: limit,
        dispatcher: this.#agent,
      });
      status = answer.statusCode;
      text = await readText(answer.body, MAX_ANSWER_BYTES);
    } catch (cause) {
      throw noAnswerError(controlUrl, cause, method !== 'GET');
    }
    if (status >= 400) {
      const problem = originErrorSchema.safeParse(parseJson(text));
      if (status === 404 && problem.data?.code === 'UnknownStream')
        throw new UnknownStream(controlUrl, problem.data.message);
      throw answerError(controlUrl, status, problem.data, method !== 'GET');
    }
    const value = schema.safeParse(parseJson(text));
    if (!value.success) throw notAnOriginError(controlUrl, value.error, method !== 'GET');
    return value.data;
  }
}

/**
 * The origin has no such stream. Callers turn it into undefined or into success, except for a grant, which requires the
 * stream to exist.
 */
class UnknownStream extends PlatformError {
  constructor(controlUrl: string, message: string) {
    super('InvalidConfiguration', `The origin at ${controlUrl} reported: ${message}`, { retryable: false });
  }
}

function unlessUnknown(error: unknown): undefined {
  if (error instanceof UnknownStream) return undefined;
  throw error;
}
